using System.ComponentModel;
using System.Diagnostics;

namespace Koubou.AppHost.Planning;

/// <summary>Looks for a container engine that really answers: a client without its engine is none.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4);

    // What to ask so that the engine itself must answer, not only its client.
    private static readonly (string Name, string Client, string[] Question)[] _engines =
    [
        ("Docker", "docker", ["version", "--format", "{{.Server.Version}}"]),
        ("Podman", "podman", ["info", "--format", "{{.Version.Version}}"]),
    ];

    /// <summary>The name of the first that answers in time; null for none. Asks all at once.</summary>
    public static async Task<string?> FindAsync()
    {
        var answers = await Task.WhenAll(_engines.Select(engine => AnswersAsync(engine.Client, engine.Question)));
        return _engines.Zip(answers).FirstOrDefault(pair => pair.Second).First.Name;
    }

    private static async Task<bool> AnswersAsync(string client, string[] question)
    {
        using var over = new CancellationTokenSource(_patience);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(client, question)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            });
            if (process is null)
            {
                return false;
            }

            return await AnswersAsync(process, over.Token);
        }
        catch (Win32Exception)
        {
            // The client is not installed.
            return false;
        }
    }

    private static async Task<bool> AnswersAsync(Process process, CancellationToken over)
    {
        try
        {
            await process.WaitForExitAsync(over);
            return process.ExitCode == 0;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return false;
        }
    }
}
