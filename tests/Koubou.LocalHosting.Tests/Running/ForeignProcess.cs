namespace Koubou.LocalHosting.Tests.Running;

/// <summary>A process that is not our child, so that the system tells us nothing of its end: we have to look.</summary>
internal static class ForeignProcess
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Returns once the process has ended; throws when it outlives our patience.</summary>
    public static async Task WaitForEndAsync(int id)
    {
        using var over = new CancellationTokenSource(_patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (IsAlive(id))
        {
            await look.WaitForNextTickAsync(over.Token);
        }
    }

    /// <summary>Whether it still runs; one that only waits to be collected has ended.</summary>
    public static bool IsAlive(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
