using CsCheck;
using Koubou.Scheduler.Tasks;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Scheduler.Tests.Tasks;

public sealed class TaskIdTests
{
    [Fact]
    public void Text_AnyId_ReadsBackTheSame() =>
        Gen.Long[0, (1L << 60) - 1].Select(Gen.Long[0, (1L << 62) - 1]).Sample((key, random) =>
        {
            var id = new TaskId(key, random);

            Assert.True(TaskId.TryParse(id.ToString(), out var read));
            Assert.Equal(id, read);
            Assert.Equal(7, Guid.Parse(id.ToString()).Version);
        });

    [Fact]
    public void Text_TwoIds_SortsAsTheirKeys() =>
        Gen.Long[0, (1L << 60) - 1].Select(Gen.Long[0, (1L << 60) - 1]).Sample((left, right) =>
            Math.Sign(left.CompareTo(right))
            == Math.Sign(string.CompareOrdinal(new TaskId(left, 0).ToString(), new TaskId(right, 0).ToString())));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("task-123")]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
    public void TryParse_NotOfVersion7_IsFalse(string? text) => Assert.False(TaskId.TryParse(text, out _));

    [Fact]
    public void Next_ClockStepsBack_StillRises()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var ids = new TaskIdSource(clock);
        ids.StartAfter(TaskId.FirstKeyOf(clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()));

        var keys = Enumerable.Range(0, 10_000).Select(_ => ids.Next().Key).ToList();

        Assert.Equal(keys.Order().Distinct(), keys);
    }
}
