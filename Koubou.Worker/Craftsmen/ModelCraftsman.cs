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
            return await agent.WorkAsync(task, context, cancellationToken);
        }

        var structured = StructuredOutput.For(task);
        var conversation = new Conversation(task, context, clock.GetTimestamp());
        return await backends.AnswerAsync(
            task,
            context,
            async (lane, model, stop) =>
            {
                if (structured is not null)
                {
                    return await AskForJsonAsync(structured, conversation, lane, model, stop);
                }

                await AskAsync(Messages(task), conversation, lane, model, stop);
                return TaskResult.AsWritten;
            },
            () => conversation.Pieces > 0,
            cancellationToken);
    }

    // Watchers see every try; the result is the one that satisfies the schema.
    private async Task<TaskResult> AskForJsonAsync(
        StructuredOutput structured, Conversation conversation, Lane lane, ReadyModel model,
        CancellationToken cancellationToken)
    {
        var messages = Messages(conversation.Task);
        for (var repairs = 0; ; repairs++)
        {
            var answer = await AskAsync(messages, conversation, lane, model, cancellationToken);
            if (model.Simulated)
            {
                return answer;
            }

            if (structured.TryRead(answer, out var json, out var fault))
            {
                return new TaskResult(answer, json);
            }

            structured.DemandAnotherTry(repairs, fault, conversation.Context);
            messages.Add(new ChatMessage(ChatRole.Assistant, answer));
            messages.Add(new ChatMessage(ChatRole.User, StructuredOutput.Complaint(fault)));
        }
    }

    private async Task<string> AskAsync(
        List<ChatMessage> messages, Conversation conversation, Lane lane, ReadyModel model,
        CancellationToken cancellationToken)
    {
        var (task, context) = (conversation.Task, conversation.Context);
        await using var silence = NoteSilence(model, conversation);
        var written = new StringBuilder();
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
                context.Facts.FirstToken ??= Duration.FromTimeSpan(clock.GetElapsedTime(conversation.Since));
                await silence.DisposeAsync();
            }

            lane.CountPiece();
            context.ReportTokens(++conversation.Pieces);
            written.Append(text);
            await context.WriteOutputAsync(text, cancellationToken);
        }

        if (began != 0)
        {
            // Where the backend does not tell how long it wrote, the node's own clock does.
            context.Facts.Generation ??= Duration.FromTimeSpan(clock.GetElapsedTime(began));
        }

        return written.ToString();
    }

    // A model that is being loaded says nothing for minutes; the one who waits should see that and for how long.
    private ITimer NoteSilence(ReadyModel model, Conversation conversation) => clock.CreateTimer(
        _ => conversation.Context.ReportProgress(
            $"{model.Model} has not begun to answer after {clock.GetElapsedTime(conversation.Since).TotalSeconds:0} s; "
            + "it may be loading"),
        state: null, SilenceNoted, SilenceNoted);

    private static List<ChatMessage> Messages(AssignedTask task) => task.SystemPrompt.Length == 0
        ? [new ChatMessage(ChatRole.User, task.Prompt)]
        : [new ChatMessage(ChatRole.System, task.SystemPrompt), new ChatMessage(ChatRole.User, task.Prompt)];
}
