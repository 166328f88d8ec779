using System.CommandLine;
using System.Text.Json;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Cli.Workshop;

/// <summary>Where faults become a sentence on standard error and an exit code.</summary>
internal static class FaultEdge
{
    public static async Task<int> TellAsync(ParseResult parsed, Func<Task<int>> act, CancellationToken cancellationToken)
    {
        var notes = parsed.InvocationConfiguration.Error;
        try
        {
            return await act();
        }
        catch (UsageException error)
        {
            await notes.WriteLineAsync(error.Message);
            return ExitCode.Usage;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception error) when (
            error is WorkshopException or SettingException or UnusableException or IOException or UnauthorizedAccessException
                or JsonException)
        {
            await notes.WriteLineAsync(error.Message);
            return ExitCode.Failed;
        }
    }
}
