using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Koubou.Worker.Backends;
using Koubou.Worker.Backends.Lanes;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Craftsmen;

/// <summary>The craftsman for every task type that has none of its own: asks a model and streams its answer.</summary>
internal sealed class ModelCraftsman(BackendSet backends, TimeProvider clock) : Craftsman
{
    private static readonly TimeSpan SilenceNoted = TimeSpan.FromSeconds(2);

    public override async ValueTask<TaskResult> ProcessAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        var pieces = 0L;
        return await backends.AnswerAsync(
            task,
            context,
            async (lane, model, stop) =>
            {
                await foreach (var text in AskAsync(task, lane, model, context, since, stop))
                {
                    lane.CountPiece();
                    context.ReportTokens(++pieces);
                    await context.WriteOutputAsync(text, stop);
                }

                return TaskResult.AsWritten;
            },
            () => pieces > 0,
            cancellationToken);
    }

    private async IAsyncEnumerable<string> AskAsync(
        AssignedTask task, Lane lane, ReadyModel model, ICraftsmanContext context, long since,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var silence = NoteSilence(model, context, since);
        try
        {
            var began = 0L;
            var answer = model.Client.GetStreamingResponseAsync(
                Messages(task), ModelOptions.Read(task, model.Model), cancellationToken);
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
                    context.Facts.FirstToken = Duration.FromTimeSpan(clock.GetElapsedTime(since));
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
