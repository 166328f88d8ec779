using System.Runtime.CompilerServices;
using System.Text;

namespace Koubou.Cli.Doctor;

/// <summary>When the gateway does not answer: the last error that each service wrote, which often is the reason.</summary>
internal sealed class LogCheck : ICheck
{
    private const string Subject = "logs";
    private const int TailBytes = 64 * 1024;
    private const int LineMax = 300;

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (patient.GatewayAnswers || !patient.IsHere || !Directory.Exists(patient.Home.Logs))
        {
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(patient.Home.Logs, "*.log", SearchOption.AllDirectories).Order())
        {
            if (await LastErrorAsync(file, cancellationToken) is { } line)
            {
                yield return Finding.Warning(Subject, $"{Path.GetFileName(file)} ends with an error: {line}", $"tail -n 50 {file}");
            }
        }
    }

    // Sample: 2026-11-27 04:11:53.120 +00:00 ERR Koubou.Scheduler.Dispatch Something broke
    private static async Task<string?> LastErrorAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var log = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            log.Seek(-Math.Min(TailBytes, log.Length), SeekOrigin.End);
            using var reader = new StreamReader(log, Encoding.UTF8);
            var tail = await reader.ReadToEndAsync(cancellationToken);
            var line = tail.Split('\n').LastOrDefault(text => IsMarked(text, " INF ") || IsMarked(text, " WRN ") || IsError(text));
            return line is not null && IsError(line) ? line[..Math.Min(line.Length, LineMax)].Trim() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsError(string line) => IsMarked(line, " ERR ") || IsMarked(line, " FTL ");

    private static bool IsMarked(string line, string level)
    {
        const int LevelEndsBefore = 40;

        return line.Length > 0 && char.IsAsciiDigit(line[0])
            && line.AsSpan(0, Math.Min(line.Length, LevelEndsBefore)).Contains(level, StringComparison.Ordinal);
    }
}
