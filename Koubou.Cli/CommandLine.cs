using System.CommandLine;
using Koubou.Cli.Backups;
using Koubou.Cli.Batches;
using Koubou.Cli.DeadLetters;
using Koubou.Cli.Doctor;
using Koubou.Cli.Keys;
using Koubou.Cli.Load;
using Koubou.Cli.Mcp;
using Koubou.Cli.Status;
using Koubou.Cli.Tasks;
using Koubou.Cli.Workers;
using Koubou.Cli.Workshop;

namespace Koubou.Cli;

/// <summary>The command <c>koubou</c>: all it can do, and how it ends.</summary>
internal static class CommandLine
{
    /// <summary>How long a command may tidy up after Ctrl+C.</summary>
    private static readonly TimeSpan TidyTime = TimeSpan.FromSeconds(15);

    /// <summary>Runs one command line and returns its exit code.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter notes)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await notes.WriteLineAsync(error.Message);
            }

            await notes.WriteLineAsync($"See: {HelpOf(parsed.CommandResult.Command)}");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = notes,
            ProcessTerminationTimeout = TidyTime,
        });
    }

    private static RootCommand Create() => new(
        $"""
        Koubou: a workshop of language models behind a durable queue.

        It speaks to the workshop at --url, else {GatewayAddress.UrlVariable}, with the key in {GatewayAddress.KeyVariable} where one is asked for.

        Exit codes: {ExitCode.Done} done; {ExitCode.Failed} it could not be done, or a task did not succeed; {ExitCode.Usage} the command line is wrong;
        {ExitCode.Interrupted} interrupted. Answers go to standard output, notes and errors to standard error. Every command that reads
        has --json for scripts; NO_COLOR turns colour off.
        """)
    {
        SubmitCommand.Create(),
        WatchCommand.Create(),
        ListCommand.Create(),
        ShowCommand.Create(),
        OutputCommand.Create(),
        CancelCommand.Create(),
        RetryCommand.Create(),
        BatchCommand.Create(),
        DeadLetterCommand.Create(),
        WorkersCommand.Create(),
        StatusCommand.Create(),
        DoctorCommand.Create(),
        LoadCommand.Create(),
        ExportCommand.Create(),
        ImportCommand.Create(),
        KeysCommand.Create(),
        McpCommand.Create(),
    };

    private static string HelpOf(Command command)
    {
        var names = new List<string>();
        for (var at = command; at is not null and not RootCommand; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            names.Insert(0, at.Name);
        }

        return string.Join(' ', ["koubou", .. names, "--help"]);
    }
}
