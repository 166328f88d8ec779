using System.Diagnostics;

namespace Koubou.Worker.Processes;

/// <summary>
/// What holds a child and everything that it starts together. On Linux that is a PID namespace of its own: when its first
/// process ends, the kernel ends all others in it, sessions of their own or not, and it ends with the worker, however the
/// worker ends. Where the machine does not allow that, the tree is walked and a guard stands by.
/// </summary>
/// <param name="Prefix">The command that encloses; the program and its arguments follow. Empty: nothing encloses.</param>
internal sealed record Enclosure(IReadOnlyList<string> Prefix)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // setpriv makes unshare end with the worker; unshare makes the first process of the namespace end with unshare.
    private static readonly string[] Namespace =
        ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

    public static Enclosure None { get; } = new([]);

    public bool Encloses => Prefix.Count > 0;

    /// <summary>The command that encloses, with the network or without one.</summary>
    public IEnumerable<string> PrefixFor(bool network) => network ? Prefix : [.. Prefix.SkipLast(1), "--net", "--"];

    /// <summary>
    /// The command that encloses so that a relay can be the only way out. Always inside a user namespace: the loopback is
    /// brought up in there, and whoever is root outside could otherwise walk back into the machine's own network.
    /// </summary>
    public static IEnumerable<string> PrefixForRelay() =>
        [.. Namespace, "--user", "--map-current-user", "--keep-caps", "--net", "--"];

    /// <summary>The best that this machine allows, tried out.</summary>
    public static async Task<Enclosure> FindAsync(Spawner spawner)
    {
        if (!OperatingSystem.IsLinux())
        {
            return None;
        }

        // An ordinary user may have one inside a user namespace.
        foreach (string[] prefix in (string[][])[[.. Namespace, "--"], [.. Namespace, "--user", "--map-current-user", "--"]])
        {
            if (await WorksAsync(spawner, prefix))
            {
                return new Enclosure(prefix);
            }
        }

        return None;
    }

    private static async Task<bool> WorksAsync(Spawner spawner, string[] prefix)
    {
        var info = new ProcessStartInfo(prefix[0], [.. prefix[1..], "true"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            using var process = await spawner.StartAsync(info);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0;
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            return false;
        }
    }
}
