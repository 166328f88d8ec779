using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Koubou.Worker.Backends;
using Koubou.Worker.Backends.Lanes;
using Koubou.Worker.Craftsmen.Structured;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Craftsmen;

/// <summary>The craftsman for every task type that has none of its own: asks a model and streams its answer.</summary>
internal sealed class ModelCraftsman(BackendSet backends, TimeProvider clock) : Craftsman
{
    private static readonly TimeSpan SilenceNoted = TimeSpan.FromSeconds(2);

    public override async ValueTask<TaskResult> ProcessAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        if (backends.FindAgent(task) is { } agent)
        {
            return await backends.WorkAsync(agent, task, context, cancellationToken);
        }

        var since = clock.GetTimestamp();
        var structured = StructuredOutput.For(task);
        var pieces = 0L;
        return await backends.AnswerAsync(
            task,
            context,
            async (lane, model, stop) =>
            {
                if (structured is not null && !model.Simulated)
                {
                    return await AskForJsonAsync(structured, lane, model, stop);
                }

                await WriteAsync(Messages(task), lane, model, stop);
                return TaskResult.AsWritten;
            },
            () => pieces > 0,
            cancellationToken);

        // Watchers see every try; the result is the one that satisfies the schema.
        async Task<TaskResult> AskForJsonAsync(
            StructuredOutput schema, Lane lane, ReadyModel model, CancellationToken stop)
        {
            var messages = Messages(task);
            for (var repairs = 0; ; repairs++)
            {
                var answer = await WriteAsync(messages, lane, model, stop);
                if (schema.TryRead(answer, out var json, out var fault))
                {
                    return new TaskResult(answer, json);
                }

                schema.DemandAnotherTry(repairs, fault, context);
                messages.Add(new ChatMessage(ChatRole.Assistant, answer));
                messages.Add(new ChatMessage(ChatRole.User, StructuredOutput.Complaint(fault)));
            }
        }

        async Task<string> WriteAsync(List<ChatMessage> messages, Lane lane, ReadyModel model, CancellationToken stop)
        {
            var written = new StringBuilder();
            await foreach (var text in AskAsync(messages, task, lane, model, context, since, stop))
            {
                lane.CountPiece();
                context.ReportTokens(++pieces);
                written.Append(text);
                await context.WriteOutputAsync(text, stop);
            }

            return written.ToString();
        }
    }

    private async IAsyncEnumerable<string> AskAsync(
        List<ChatMessage> messages, AssignedTask task, Lane lane, ReadyModel model, ICraftsmanContext context, long since,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var silence = NoteSilence(model, context, since);
        try
        {
            var began = 0L;
            var answer = model.Client.GetStreamingResponseAsync(
                messages, ModelOptions.Read(task, model.Model), cancellationToken);
            await foreach (var update in answer)
            {
                lane.Backend.Note(update, context.Facts);
                if (update.Text is not { Length: > 0 } text)
                {
                    continue;
                }

                if (began == 0)
                {
                    began = clock.GetTimestamp();
                    context.Facts.FirstToken ??= Duration.FromTimeSpan(clock.GetElapsedTime(since));
                    await silence.DisposeAsync();
                }

                yield return text;
            }

            if (began != 0)
            {
                // Where the backend does not tell how long it wrote, the node's own clock does.
                context.Facts.Generation ??= Duration.FromTimeSpan(clock.GetElapsedTime(began));
            }
        }
        finally
        {
            await silence.DisposeAsync();
        }
    }

    // A model that is being loaded says nothing for minutes; the one who waits should see that and for how long.
    private ITimer NoteSilence(ReadyModel model, ICraftsmanContext context, long since) => clock.CreateTimer(
        _ => context.ReportProgress(
            $"{model.Model} has not begun to answer after {clock.GetElapsedTime(since).TotalSeconds:0} s; it may be loading"),
        state: null, SilenceNoted, SilenceNoted);

    private static List<ChatMessage> Messages(AssignedTask task) => task.SystemPrompt.Length == 0
        ? [new ChatMessage(ChatRole.User, task.Prompt)]
        : [new ChatMessage(ChatRole.System, task.SystemPrompt), new ChatMessage(ChatRole.User, task.Prompt)];
}
