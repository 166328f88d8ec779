using System.Diagnostics;

namespace Koubou.Tests.Shared;

/// <summary>Starts a server and waits until it says that it is ready.</summary>
internal static class ServerStart
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="start">The program, its arguments and environment.</param>
    /// <param name="ready">A part of the line that says it, on either output.</param>
    /// <param name="heard">Gets every line, as long as the server runs.</param>
    public static async Task<Process> RunAsync(ProcessStartInfo start, string ready, Action<string>? heard = null)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var isReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new Queue<string>();
        process.OutputDataReceived += (_, line) => Look(line.Data);
        process.ErrorDataReceived += (_, line) => Look(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var first = await Task.WhenAny(isReady.Task, process.WaitForExitAsync(), Task.Delay(Patience));
        if (first == isReady.Task)
        {
            return process;
        }

        if (!process.HasExited)
        {
            process.Kill();
        }

        lock (lines)
        {
            throw new InvalidOperationException(
                $"{start.FileName} did not become ready. Is it installed? ./test.sh does that.\n{string.Join('\n', lines)}");
        }

        void Look(string? line)
        {
            if (line is null)
            {
                return;
            }

            heard?.Invoke(line);
            lock (lines)
            {
                if (isReady.Task.IsCompleted)
                {
                    return;
                }

                lines.Enqueue(line);
                if (lines.Count > 40)
                {
                    lines.Dequeue();
                }
            }

            if (line.Contains(ready, StringComparison.Ordinal))
            {
                isReady.TrySetResult();
            }
        }
    }
}
