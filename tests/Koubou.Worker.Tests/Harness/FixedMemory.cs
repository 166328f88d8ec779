using Koubou.Worker.Memory;

namespace Koubou.Worker.Tests.Harness;

/// <summary>As much memory as a test says, whatever else runs on the machine.</summary>
internal sealed record FixedMemory(long AvailableMebibytes) : IMemoryGauge
{
    private const long Mebibyte = 1024 * 1024;
    private const long TotalMebibytes = 8192;

    public MemoryReading? Read() => new MemoryReading(AvailableMebibytes * Mebibyte, TotalMebibytes * Mebibyte);
}
