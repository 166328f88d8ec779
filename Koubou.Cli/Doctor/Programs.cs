using System.Diagnostics;

namespace Koubou.Cli.Doctor;

/// <summary>Other people's programs on this machine.</summary>
internal static class Programs
{
    /// <summary>The file that a name means, as a shell would find it; null: none.</summary>
    public static string? Find(string name)
    {
        if (name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return File.Exists(name) ? name : null;
        }

        var endings = OperatingSystem.IsWindows() ? new[] { ".exe", ".cmd", "" } : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Runs one for a look. Null: it could not be started, or did not end in time.</summary>
    public static async Task<(int Code, string Output)?> RunAsync(
        string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        look.CancelAfter(Patient.LookMax);
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(look.Token);
            var errors = process.StandardError.ReadToEndAsync(look.Token);
            await process.WaitForExitAsync(look.Token);
            return (process.ExitCode, (await output + await errors).Trim());
        }
        catch (Exception error) when (
            error is System.ComponentModel.Win32Exception or IOException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
        finally
        {
            if (process is { HasExited: false })
            {
                process.Kill(entireProcessTree: true);
            }

            process?.Dispose();
        }
    }
}
