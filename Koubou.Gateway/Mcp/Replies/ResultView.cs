using System.ComponentModel;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Mcp.Replies;

/// <summary>A task's result, or as much of it as a reply may carry.</summary>
internal sealed record ResultView
{
    public required string Id { get; init; }

    [Description("succeeded, failed, cancelled or expired when finished; blocked, scheduled, queued or running before.")]
    public required string State { get; init; }

    public required string Type { get; init; }

    [Description("The first line of the prompt.")]
    public required string Title { get; init; }

    [Description("Who answered: worker node, backend and model.")]
    public required string? AnsweredBy { get; init; }

    public required UsageView? Tokens { get; init; }

    [Description("Present when no language model was asked and the demo backend made the answer up.")]
    public required string? Notice { get; init; }

    [Description("Why it failed.")]
    public required ErrorView? Error { get; init; }

    [Description("The answer as JSON, where an output_schema was given.")]
    public required JsonElement? StructuredOutput { get; init; }

    [Description("Names of files that the task left; read them as koubou://tasks/{id}/artifacts/{name}.")]
    public required IReadOnlyList<string> Artifacts { get; init; }

    [Description("Where output begins in the whole answer, in characters.")]
    public required int OutputOffset { get; init; }

    [Description("Length of the whole answer in characters.")]
    public required int OutputLength { get; init; }

    [Description("The answer, or the part of it that this reply carries.")]
    public required string? Output { get; init; }

    [Description("Call get_result with this offset for the next part; absent when output reaches the end.")]
    public required int? NextOffset { get; init; }

    /// <summary>Whether the reply holds everything there is to know of a finished task.</summary>
    internal bool IsWhole { get; private init; }

    /// <summary>A finished task with its whole output where that is short, else with a digest of it.</summary>
    public static ResultView Digest(TaskRecord record, int weightMax)
    {
        var whole = TextWeight.Fits(record.Output, Math.Min(TextWeight.WholeMax, weightMax));
        return Part(record, 0, whole ? TextWeight.WholeMax : Math.Min(TextWeight.DigestMax, weightMax));
    }

    /// <summary>As much of the output from there on as the weight allows.</summary>
    public static ResultView Part(TaskRecord record, int offset, int weightMax)
    {
        var output = record.State == TaskState.Succeeded ? record.Output : "";
        var from = Math.Clamp(offset, 0, output.Length);
        var length = TextWeight.Fit(output.AsSpan(from), weightMax);
        var next = from + length;
        var structured = TextWeight.Fits(record.StructuredOutput, weightMax) ? RawJson.Parse(record.StructuredOutput) : null;
        return new ResultView
        {
            Id = record.Id,
            State = record.State.ToWord(),
            Type = record.Spec.Type,
            Title = TextWeight.Title(record.Spec.Prompt),
            AnsweredBy = AnsweredByOf(record),
            Tokens = record.Attempts.Count > 0 ? UsageView.Of(record.Attempts[^1].Usage) : null,
            Notice = record.IsSimulated() ? Simulation.TaskNotice : null,
            Error = record.State == TaskState.Succeeded ? null : ErrorView.Of(record.Error),
            StructuredOutput = structured,
            Artifacts = [.. record.Artifacts.Select(artifact => artifact.Name)],
            OutputOffset = from,
            OutputLength = output.Length,
            Output = length > 0 ? output.Substring(from, length) : null,
            NextOffset = next < output.Length ? next : null,
            IsWhole = record.State.IsFinal() && next == output.Length,
        };
    }

    private static string? AnsweredByOf(TaskRecord record)
    {
        if (record.Attempts.Count == 0)
        {
            return null;
        }

        var last = record.Attempts[^1];
        return string.Join(" / ", new[] { last.Node, last.Backend, last.Model }.Where(word => word.Length > 0));
    }
}
