using System.Text.Json;
using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.CodexCli;

/// <summary>Reads the events of one run: tells what goes on, and keeps what counts in the end.</summary>
/// <remarks>
/// {"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"/bin/bash -lc ls","status":"in_progress"}}
/// {"type":"item.completed","item":{"id":"item_2","type":"agent_message","text":"All done."}}
/// {"type":"turn.completed","usage":{"input_tokens":22,"output_tokens":14}}
/// </remarks>
internal sealed class CodexTranscript(ICraftsmanContext context, Action firstWord)
{
    /// <summary>The log in which Codex tells what its sandbox denied.</summary>
    public const string LogName = "codex_otel.trace_safe";

    private const int NoteCharsMax = 200;

    // What shells and tools say when a sandbox keeps them from writing.
    private static readonly string[] WriteRefusals = ["Read-only file system", "bwrap:"];

    private bool _spoke;

    /// <summary>The last message: the answer.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Why the run failed. Null: it did not say so.</summary>
    public string? Failure { get; private set; }

    /// <summary>What a command said that could not write. Null: none.</summary>
    public string? WriteRefused { get; private set; }

    public bool Completed { get; private set; }

    public static bool IsLog(string line) => line.Contains(LogName, StringComparison.Ordinal);

    /// <summary>Listens to the log: of a command that its sandbox stopped, Codex writes no event.</summary>
    /// <remarks>… codex_otel.trace_safe: event.name="codex.sandbox_outcome" tool_name=exec_command outcome=denied …</remarks>
    public bool TakesLog(string line)
    {
        if (!IsLog(line))
        {
            return false;
        }

        if (line.Contains("\"codex.sandbox_outcome\"", StringComparison.Ordinal)
            && line.Contains("outcome=denied", StringComparison.Ordinal))
        {
            WriteRefused ??= "a command was denied";
        }

        return true;
    }

    public async ValueTask HearAsync(string line)
    {
        if (Read(line) is not { } heard)
        {
            return;
        }

        switch (heard.Type)
        {
            case "item.started" or "item.completed" when heard.Item is { } item:
                await HearAsync(item, heard.Type == "item.completed");
                break;
            case "turn.completed":
                Completed = true;
                Count(heard.Usage);
                break;
            case "turn.failed" or "error":
                Failure = heard.Error?.Message ?? heard.Message ?? Failure ?? "Codex failed without saying why.";
                break;
        }
    }

    private async ValueTask HearAsync(CodexItem item, bool isDone)
    {
        switch (item.Type)
        {
            case "agent_message" when isDone && item.Text is { Length: > 0 } text:
                if (!_spoke)
                {
                    _spoke = true;
                    firstWord();
                }

                await context.WriteOutputAsync(Answer.Length == 0 ? text : "\n\n" + text);
                Answer = text;
                break;
            case "command_execution" when isDone:
                NoteRefusal(item.Output ?? "");
                Tell($"ran ({item.ExitCode}): {item.Command}");
                break;
            case "command_execution":
                Tell($"runs: {item.Command}");
                break;
            case "file_change" when isDone:
                Tell("changed: " + string.Join(", ", (item.Changes ?? []).Select(change => change.Path)));
                break;
            case "mcp_tool_call":
                Tell($"calls {item.Server}/{item.Tool}");
                break;
            case "web_search":
                Tell($"searches: {item.Query}");
                break;
            case "error":
                Tell(item.Message ?? "");
                break;
        }
    }

    private void NoteRefusal(string output)
    {
        var line = output.Split('\n').FirstOrDefault(line =>
            WriteRefusals.Any(refusal => line.Contains(refusal, StringComparison.OrdinalIgnoreCase)));
        WriteRefused = line?.Trim() ?? WriteRefused;
    }

    private void Count(CodexUsage? usage)
    {
        if (usage is not null)
        {
            var counted = context.Facts.Usage ??= new TokenUsage();
            counted.PromptTokens += usage.Input;
            counted.CompletionTokens += usage.Output;
            context.ReportTokens(counted.CompletionTokens);
        }
    }

    private void Tell(string note)
    {
        var line = note.ReplaceLineEndings(" ");
        context.ReportProgress("Codex " + (line.Length <= NoteCharsMax ? line : line[..NoteCharsMax] + "…"));
    }

    private static CodexEvent? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, CodexJson.Default.CodexEvent);
        }
        catch (JsonException)
        {
            // A line of another form, or of another version.
            return null;
        }
    }
}
