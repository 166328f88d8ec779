using System.Globalization;
using System.Text;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>Reads what an agent writes, as its settings say.</summary>
internal sealed class AgentTranscript(AgentCliOptions options, ICraftsmanContext context, Action firstWord)
{
    private const int NoteCharsMax = 200;

    private readonly JsonPick? _answer = JsonPick.Parse(options.AnswerPath);
    private readonly JsonPick? _progress = JsonPick.Parse(options.ProgressPath);
    private readonly JsonPick? _error = JsonPick.Parse(options.ErrorPath);
    private readonly JsonPick? _promptTokens = JsonPick.Parse(options.PromptTokensPath);
    private readonly JsonPick? _completionTokens = JsonPick.Parse(options.CompletionTokensPath);
    private readonly StringBuilder _text = new();
    private bool _spoke;

    public string Answer => _text.ToString().TrimEnd('\n');

    /// <summary>What it said of its failure. Null: nothing.</summary>
    public string? Failure { get; private set; }

    public ValueTask HearAsync(string line) =>
        options.Answer == AnswerWay.Text ? TakeAsync(line + "\n") : HearJsonAsync(line);

    private async ValueTask HearJsonAsync(string line)
    {
        JsonElement heard;
        try
        {
            heard = JsonElement.Parse(line);
        }
        catch (JsonException)
        {
            // Programs like to greet before they speak JSON.
            return;
        }

        foreach (var note in _progress?.From(heard) ?? [])
        {
            Tell(note);
        }

        Failure = _error?.From(heard).LastOrDefault() ?? Failure;
        Count(heard);
        foreach (var text in _answer!.From(heard))
        {
            if (options.Answer == AnswerWay.LastMessage)
            {
                _text.Clear();
            }

            await TakeAsync(text);
        }
    }

    private async ValueTask TakeAsync(string text)
    {
        if (!_spoke)
        {
            _spoke = true;
            firstWord();
        }

        _text.Append(text);
        await context.WriteOutputAsync(text);
    }

    private void Count(JsonElement heard)
    {
        var usage = context.Facts.Usage;
        if (Number(_promptTokens, heard) is { } prompt)
        {
            (context.Facts.Usage = usage ??= new TokenUsage()).PromptTokens = prompt;
        }

        if (Number(_completionTokens, heard) is { } completion)
        {
            (context.Facts.Usage = usage ?? new TokenUsage()).CompletionTokens = completion;
            context.ReportTokens(completion);
        }
    }

    private static long? Number(JsonPick? pick, JsonElement heard) =>
        long.TryParse(pick?.From(heard).LastOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private void Tell(string note)
    {
        var line = note.ReplaceLineEndings(" ").Trim();
        if (line.Length > 0)
        {
            context.ReportProgress(line.Length <= NoteCharsMax ? line : line[..NoteCharsMax] + "…");
        }
    }
}
