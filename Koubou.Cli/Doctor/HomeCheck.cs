using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Koubou.Cli.Doctor;

/// <summary>The home: is it there, may it be written, is its settings file one, has its disk room?</summary>
internal sealed class HomeCheck : ICheck
{
    private const string Subject = "home";
    private const long DiskBytesLow = 1024L * 1024 * 1024;
    private const long MiB = 1024 * 1024;

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var home = patient.Home;
        if (!patient.IsHere)
        {
            yield break;
        }

        if (!Directory.Exists(home.Root))
        {
            yield return Finding.Ok(Subject, $"{home.Root} is not there yet; the first start makes it.");
            yield break;
        }

        yield return WriteFault(home.Root) is { } fault
            ? Finding.Error(
                Subject,
                $"{home.Root} cannot be written: {fault}",
                $"chown -R \"$USER\" {home.Root}, or set KOUBOU_HOME to another folder")
            : Finding.Ok(Subject, home.Root);

        if (SettingsFault(home.SettingsFile) is { } unreadable)
        {
            yield return Finding.Error(
                Subject, $"{home.SettingsFile} cannot be read: {unreadable}", $"mend the JSON in {home.SettingsFile}");
        }

        if (FreeBytes(home.Root) is { } free and < DiskBytesLow)
        {
            yield return Finding.Warning(Subject, $"the disk has only {free / MiB:N0} MiB left", $"df -h {home.Root}");
        }
    }

    // Asking for the right is not having it: a read-only mount refuses even root.
    private static string? WriteFault(string folder)
    {
        var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
        try
        {
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
                return null;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    private static string? SettingsFault(string file)
    {
        try
        {
            new ConfigurationBuilder().AddJsonFile(file, optional: true, reloadOnChange: false).Build();
            return null;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return error.InnerException?.Message ?? error.Message;
        }
    }

    private static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
