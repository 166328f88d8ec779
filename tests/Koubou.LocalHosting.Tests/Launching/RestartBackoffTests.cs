using Koubou.LocalHosting.Launching;

namespace Koubou.LocalHosting.Tests.Launching;

public sealed class RestartBackoffTests
{
    private static readonly LaunchOptions _options = new();

    [Fact]
    public void Pause_AfterEachCrash_DoublesUpToItsBound()
    {
        var backoff = new RestartBackoff(_options);

        var pauses = Enumerable.Range(0, 100).Select(_ => backoff.Next(TimeSpan.Zero)).ToList();

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30], pauses.Take(8).Select(pause => pause.TotalSeconds));
        Assert.All(pauses, pause => Assert.InRange(pause, _options.RestartDelay, _options.RestartDelayMax));
    }

    [Fact]
    public void Pause_AfterALongSoundRun_IsShortAgain()
    {
        var backoff = new RestartBackoff(_options);
        _ = backoff.Next(TimeSpan.Zero);
        _ = backoff.Next(TimeSpan.Zero);

        Assert.Equal(_options.RestartDelay, backoff.Next(_options.StableAfter));
    }
}
