using Koubou.Contracts;

namespace Koubou.Web.Live;

/// <summary>One line about a task: what lists show, without the whole prompt and output.</summary>
public sealed record TaskSummary
{
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required TaskState State { get; init; }

    public int Priority { get; init; }

    public string Client { get; init; } = "";

    /// <summary>The beginning of the prompt, on one line. Null: not read yet.</summary>
    public string? Prompt { get; init; }

    /// <summary>As in <c>project=apollo, night</c>.</summary>
    public string Labels { get; init; } = "";

    public DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Which attempt this is; 0 before the first.</summary>
    public int Attempt { get; init; }

    public string Node { get; init; } = "";

    public string Backend { get; init; } = "";

    public string Model { get; init; } = "";

    public bool Simulated { get; init; }

    public long CompletionTokens { get; init; }

    public string Error { get; init; } = "";

    /// <summary>The error as a stable word for programs.</summary>
    public string ErrorCode { get; init; } = "";

    /// <summary>Sequence number of the newest event that is in this line.</summary>
    public long LastEvent { get; init; }

    /// <summary>Whether nothing tells yet what was asked: an event does not carry the prompt.</summary>
    public bool IsUnread => Prompt is null;

    public static TaskSummary From(TaskRecord record)
    {
        var attempt = record.Attempts.Count == 0 ? null : record.Attempts[^1];
        return new TaskSummary
        {
            Id = record.Id,
            Type = record.Spec?.Type ?? "",
            State = record.State,
            Priority = record.Spec?.Priority ?? 0,
            Client = record.Spec?.Client ?? "",
            Prompt = Excerpt.Of(record.Spec?.Prompt ?? ""),
            Labels = LabelText.Of(record.Spec?.Labels),
            SubmittedAt = record.SubmittedAt?.ToDateTimeOffset() ?? default,
            StartedAt = (attempt?.LeasedAt ?? record.StartedAt)?.ToDateTimeOffset(),
            FinishedAt = record.FinishedAt?.ToDateTimeOffset(),
            Attempt = attempt?.Number ?? 0,
            Node = attempt?.Node ?? "",
            Backend = attempt?.Backend ?? "",
            Model = attempt?.Model ?? "",
            Simulated = attempt?.Simulated ?? false,
            CompletionTokens = attempt?.Usage?.CompletionTokens ?? 0,
            Error = record.Error?.Message ?? "",
            ErrorCode = record.Error?.Code ?? "",
            LastEvent = record.LastEvent,
        };
    }

    /// <summary>The line of a task of which nothing but this event is known.</summary>
    public static TaskSummary From(TaskEvent change) => new TaskSummary
    {
        Id = change.TaskId,
        Type = change.Type,
        State = change.State,
        Priority = change.Priority,
        Client = change.Client,
        SubmittedAt = change.At?.ToDateTimeOffset() ?? default,
    }.With(change);

    /// <summary>The line after an event. Events that are already in it change nothing.</summary>
    public TaskSummary With(TaskEvent change)
    {
        if (change.Sequence <= LastEvent)
        {
            return this;
        }

        var at = change.At?.ToDateTimeOffset();
        return this with
        {
            State = change.State,
            Attempt = change.Attempt > 0 ? change.Attempt : Attempt,
            Node = Newer(change.Node, Node),
            Backend = Newer(change.Backend, Backend),
            Model = Newer(change.Model, Model),
            Simulated = change.Simulated || Simulated,
            StartedAt = change.Kind == EventKind.Started ? at : StartedAt,
            FinishedAt = change.State.IsFinal() ? at : null,
            CompletionTokens = change.Usage?.CompletionTokens ?? CompletionTokens,
            Error = change.State is TaskState.Failed or TaskState.Expired or TaskState.Scheduled
                ? Newer(change.Error?.Message ?? "", Error)
                : "",
            ErrorCode = change.State is TaskState.Failed or TaskState.Expired or TaskState.Scheduled
                ? Newer(change.Error?.Code ?? "", ErrorCode)
                : "",
            LastEvent = change.Sequence,
        };
    }

    private static string Newer(string said, string before) => said.Length > 0 ? said : before;
}
