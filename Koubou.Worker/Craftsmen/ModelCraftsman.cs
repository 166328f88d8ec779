using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Worker.Backends;
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

        var since = clock.GetTimestamp();
        var backend = await backends.ChooseAsync(task, context, cancellationToken);
        var model = await backend.OpenAsync(task.Model, context, cancellationToken);
        context.Facts.Backend = model.Backend;
        context.Facts.Model = model.Model;
        context.Facts.Zone = model.Zone;
        context.Facts.Simulated = model.Simulated;

        // The last moment: from here on the prompt is on its way.
        PolicyGuard.Demand(task, model.Zone, $"model '{model.Model}' on {model.Backend}");
        if (StructuredOutput.For(task) is { } structured)
        {
            return await AskForJsonAsync(structured, task, backend, model, context, since, cancellationToken);
        }

        await AskAsync(Messages(task), task, backend, model, context, since, cancellationToken);
        return TaskResult.AsWritten;
    }

    // Watchers see every try; the result is the one that satisfies the schema.
    private async Task<TaskResult> AskForJsonAsync(
        StructuredOutput structured, AssignedTask task, IBackend backend, ReadyModel model, ICraftsmanContext context,
        long since, CancellationToken cancellationToken)
    {
        var messages = Messages(task);
        for (var repairs = 0; ; repairs++)
        {
            var answer = await AskAsync(messages, task, backend, model, context, since, cancellationToken);
            if (model.Simulated)
            {
                return answer;
            }

            if (structured.TryRead(answer, out var json, out var fault))
            {
                return new TaskResult(answer, json);
            }

            structured.DemandAnotherTry(repairs, fault, context);
            messages.Add(new ChatMessage(ChatRole.Assistant, answer));
            messages.Add(new ChatMessage(ChatRole.User, StructuredOutput.Complaint(fault)));
        }
    }

    private async Task<string> AskAsync(
        List<ChatMessage> messages, AssignedTask task, IBackend backend, ReadyModel model, ICraftsmanContext context,
        long since, CancellationToken cancellationToken)
    {
        await using var silence = NoteSilence(model, context, since);
        var written = new StringBuilder();
        var pieces = 0L;
        var answer = model.Client.GetStreamingResponseAsync(messages, Options(task, model), cancellationToken);
        await foreach (var update in answer)
        {
            backend.Note(update, context.Facts);
            if (update.Text is not { Length: > 0 } text)
            {
                continue;
            }

            if (pieces++ == 0)
            {
                context.Facts.FirstToken ??= Duration.FromTimeSpan(clock.GetElapsedTime(since));
                await silence.DisposeAsync();
            }

            context.ReportTokens(pieces);
            written.Append(text);
            await context.WriteOutputAsync(text, cancellationToken);
        }

        return written.ToString();
    }

    // A model that is being loaded says nothing for minutes; the one who waits should see that and for how long.
    private ITimer NoteSilence(ReadyModel model, ICraftsmanContext context, long since) => clock.CreateTimer(
        _ => context.ReportProgress(
            $"{model.Model} has not begun to answer after {clock.GetElapsedTime(since).TotalSeconds:0} s; it may be loading"),
        state: null, SilenceNoted, SilenceNoted);

    private static List<ChatMessage> Messages(AssignedTask task) => task.SystemPrompt.Length == 0
        ? [new ChatMessage(ChatRole.User, task.Prompt)]
        : [new ChatMessage(ChatRole.System, task.SystemPrompt), new ChatMessage(ChatRole.User, task.Prompt)];

    private static ChatOptions Options(AssignedTask task, ReadyModel model)
    {
        var options = new ChatOptions { ModelId = model.Model };
        if (task.OutputSchema.Length > 0)
        {
            options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Parse("output schema", task.OutputSchema));
        }

        foreach (var (name, json) in task.Options)
        {
            (options.AdditionalProperties ??= [])[name] = Value(Parse($"option '{name}' of type '{task.Type}'", json));
        }

        return options;
    }

    private static JsonElement Parse(string what, string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException exception)
        {
            throw TaskFailureException.Permanent("bad_option", $"The {what} is not JSON: {json}", exception);
        }
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => element.EnumerateArray().Select(item => item.ToString()).ToArray(),
        _ => element.ToString(),
    };
}
