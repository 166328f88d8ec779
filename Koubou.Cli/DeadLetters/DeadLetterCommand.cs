using System.CommandLine;
using Koubou.Cli.Batches;
using Koubou.Cli.Tasks;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.DeadLetters;

/// <summary><c>koubou dead-letter</c>: tasks out of attempts, kept for a person.</summary>
internal static class DeadLetterCommand
{
    private const string Path = "dead-letter";

    public static Command Create() => new("dead-letter", "See, put back or remove the tasks that used up their attempts.")
    {
        ListCommand.Create(
            "list", "List the tasks that used up their attempts, newest first.", Path, new TaskFilter(withStates: false)),
        CreateChange(
            "replay",
            "Put them back into the queue with fresh attempts: the ids, or all that the filters select.",
            HttpMethod.Post,
            "/replay",
            "put back"),
        CreateChange("purge", "Remove all that the filters select, with their history.", HttpMethod.Delete, "", "removed"),
    };

    private static Command CreateChange(string name, string description, HttpMethod method, string action, string done)
    {
        var isReplay = method == HttpMethod.Post;
        var ids = ChangeCommand.CreateIds();
        var filter = new TaskFilter(withStates: false);
        var all = new Option<bool>("--all")
        {
            Description = "Every task in the dead letter. Needed when no filter is given.",
        };

        var command = new Command(name, description);
        if (isReplay)
        {
            command.Add(ids);
        }

        filter.AddTo(command);
        command.Add(all);
        return command.Speaks(async (session, cancellationToken) =>
        {
            if (isReplay && session.Value(ids) is { Length: > 0 } given)
            {
                return await ChangeCommand.RunAsync(session, given, "tasks/retry", done, cancellationToken);
            }

            var query = filter.Read(session);
            if (query.IsEmpty && !session.Value(all))
            {
                throw new UsageException(
                    "Which ones? Give a filter, such as --type or --finished-before 7d, or --all. "
                    + $"See: koubou dead-letter {name} --help");
            }

            await BulkReport.TellAsync(
                session, await session.Gateway.SendAsync(method, $"{Path}{action}{query}", null, cancellationToken), done);
            return ExitCode.Done;
        });
    }
}
