using Koubou.Worker.Memory;

namespace Koubou.Worker.Tests.Memory;

public sealed class MemoryTests
{
    private const long Mebibyte = 1024 * 1024;

    [Theory]
    [InlineData(8192, 500, false)]
    [InlineData(8192, 400, true)]
    [InlineData(65536, 1100, false)]
    [InlineData(65536, 1000, true)]
    public void Memory_IsShort_BelowATwentieth_OrAGibibyte(long total, long available, bool isShort) =>
        Assert.Equal(isShort, MemoryRules.IsShort(new MemoryReading(available * Mebibyte, total * Mebibyte), wasShort: false));

    [Fact]
    public void Memory_ThatWasShort_IsEnoughOnlyWithHalfAsMuchAgain()
    {
        Assert.True(MemoryRules.IsShort(new MemoryReading(500 * Mebibyte, 8192 * Mebibyte), wasShort: true));
        Assert.False(MemoryRules.IsShort(new MemoryReading(700 * Mebibyte, 8192 * Mebibyte), wasShort: true));
    }

    [Fact]
    public void Sentence_NamesWhatIsLeftAndTheCommand() =>
        Assert.Equal(
            "Memory runs short: 300 of 8,192 MiB are left. No more craftsmen are taken on meanwhile. Start with fewer than 8 "
            + "(--max-workers 2), or use a smaller model.",
            MemoryRules.Sentence(new MemoryReading(300 * Mebibyte, 8192 * Mebibyte), slotsMax: 8));

    [Fact]
    public void Machine_IsReadAsLinuxWritesIt() =>
        Assert.Equal(
            new MemoryReading(17_208_344 * 1024L, 24_000_000 * 1024L),
            MemoryGauge.OfMachine(["MemTotal:       24000000 kB", "MemFree: 1 kB", "MemAvailable:   17208344 kB"]));

    [Fact]
    public void Container_CountsItsFilesAsAvailable() =>
        Assert.Equal(
            new MemoryReading(600, 1000), MemoryGauge.OfGroup("1000\n", "500\n", ["anon 400", "inactive_file 100"]));

    [Fact]
    public void Container_WithoutABound_IsNone() => Assert.Null(MemoryGauge.OfGroup("max\n", "500\n", []));
}
