using System.CommandLine;
using System.Text.Json;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary><c>koubou submit</c>: one task in; with <c>--wait</c> or <c>--follow</c> its answer out.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var prompt = new PromptText();
        var fields = new TaskFields();
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "A second submit with the same key gives the first task.",
        };

        var batch = new Option<string?>("--batch", "-b") { Description = "Names the batch that the task belongs to." };
        var client = CreateClient();
        var wait = new Option<bool>("--wait", "-w") { Description = "Wait for the answer and print it." };
        var follow = new Option<bool>("--follow") { Description = "Print the answer while it is written." };
        var command = new Command(
            "submit",
            "Give one task to the workshop and print its id, or with --wait or --follow its answer.");
        prompt.AddTo(command);
        fields.AddTo(command);
        foreach (var option in new Option[] { key, batch, client, wait, follow })
        {
            command.Add(option);
        }

        return command.Speaks(async (session, cancellationToken) =>
        {
            var task = await fields.ReadAsync(session.Parsed, cancellationToken);
            task["prompt"] = await prompt.ReadAsync(session.Parsed, cancellationToken);
            if (session.Value(key) is { } named)
            {
                task["idempotency_key"] = named;
            }

            if (session.Value(batch) is { } batchId)
            {
                task["batch_id"] = batchId;
            }

            session.Gateway.CallMyself(session.Value(client));
            var reply = await session.Gateway.PostAsync("tasks", task, cancellationToken);
            var receipt = reply.Deserialize(WorkshopJson.Default.ReceiptJson)!;
            return session.Value(follow) ? await OutputFollower.RunAsync(session, receipt.Id, cancellationToken)
                : session.Value(wait) ? await AnswerWait.RunAsync(session, receipt.Id, cancellationToken)
                : await TellAsync(session, reply, receipt);
        });
    }

    public static Option<string?> CreateClient() => new("--client")
    {
        Description = "A name of your own: the queue is shared fairly between clients. With an API key, the key's name counts.",
    };

    private static async Task<int> TellAsync(Session session, JsonElement reply, ReceiptJson receipt)
    {
        if (session.AsJson)
        {
            await session.Surface.WriteJsonAsync(reply);
            return ExitCode.Done;
        }

        // The id alone on standard output, for scripts: id=$(koubou submit "…")
        await session.Surface.Output.WriteLineAsync(receipt.Id);
        var place = receipt.QueuePosition is { } position ? $", position {position}" : "";
        await session.Surface.NoteAsync(
            $"{(receipt.Duplicate ? "Known already: " : "")}{receipt.State}{place}. See it with: koubou watch {receipt.Id}");
        return ExitCode.Done;
    }
}
