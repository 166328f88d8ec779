namespace Koubou.Worker.Tests.Harness;

/// <summary>How long a test waits for a signal before it calls it missing.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
}
