using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Cli.Tasks;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Batches;

/// <summary><c>koubou batch submit</c>: a file of tasks, in submits of up to a thousand, each all or none.</summary>
internal static class BatchSubmitCommand
{
    // The scheduler's own bound, by default.
    private const int SubmitMax = 1_000;

    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "One task a line: an object with the fields of a task, or a prompt in quotes. - is standard input.",
        };
        var fields = new TaskFields();
        var id = new Option<string?>("--id") { Description = "A name of your own for the batch. Default: a new one." };
        var client = SubmitCommand.CreateClient();
        var wait = new Option<bool>("--wait", "-w")
        {
            Description = "Wait until all have finished; exit code 1 when one did not succeed.",
        };

        var command = new Command(
            "submit",
            "Submit a file of tasks and print the batch's id. Options hold for each line that does not say otherwise.") { file, id, client, wait };
        fields.AddTo(command);
        return command.Speaks(async (session, cancellationToken) =>
        {
            var common = await fields.ReadAsync(session.Parsed, cancellationToken);
            var tasks = await TaskLines.ReadAsync(session.Value(file)!, common, cancellationToken);
            var batch = session.Value(id) ?? $"batch-{Guid.CreateVersion7()}";
            session.Gateway.CallMyself(session.Value(client));
            await SubmitAsync(session, tasks, batch, cancellationToken);
            return session.Value(wait) ? await BatchWait.RunAsync(session, batch, cancellationToken) : ExitCode.Done;
        });
    }

    private static async Task SubmitAsync(Session session, List<JsonObject> tasks, string batch, CancellationToken cancellationToken)
    {
        // Numbers such as #3 count within one submit, so a file that uses them must fit into one.
        if (tasks.Count > SubmitMax && tasks.Exists(UsesNumbers))
        {
            throw new UsageException(
                $"The file holds {tasks.Count} tasks and uses numbers such as #0 in depends_on, which count within one submit of "
                + $"{SubmitMax}. Cut the file into smaller ones.");
        }

        var taken = 0;
        foreach (var some in tasks.Chunk(SubmitMax))
        {
            var body = new JsonObject { ["tasks"] = new JsonArray([.. some]), ["batch_id"] = batch };
            JsonElement reply;
            try
            {
                reply = await session.Gateway.PostAsync("tasks/batch", body, cancellationToken);
            }
            catch (WorkshopException error) when (taken > 0)
            {
                throw new WorkshopException(
                    $"{error.Message}\n{taken} tasks of the batch {batch} are in; the rest of the file, from task {taken + 1} on, is not.");
            }

            taken += some.Length;
            if (session.AsJson)
            {
                await session.Surface.WriteJsonAsync(reply);
            }
        }

        if (!session.AsJson)
        {
            await session.Surface.Output.WriteLineAsync(batch);
            await session.Surface.NoteAsync($"{taken} tasks are in. See them with: koubou list --batch {batch}");
        }
    }

    private static bool UsesNumbers(JsonObject task) => task["depends_on"] is JsonArray ids
        && ids.Any(id => id is JsonValue value && value.TryGetValue<string>(out var text) && text.StartsWith('#'));
}
