using System.CommandLine;
using System.Globalization;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>Which tasks are meant: the filters of the workshop's lists as options.</summary>
internal sealed class TaskFilter
{
    private readonly Option<string[]> _states = new("--state", "-s")
    {
        Description = "blocked, scheduled, queued, running, succeeded, failed, cancelled or expired. May be repeated.",
    };

    private readonly Option<string[]> _types = new("--type", "-t")
    {
        Description = "Only this task type. May be repeated.",
    };

    private readonly Option<string?> _batch = new("--batch", "-b") { Description = "Only this batch." };
    private readonly Option<string?> _client = new("--client") { Description = "Only what this client asked." };
    private readonly Option<string?> _node = new("--node") { Description = "Only what this worker node had last." };
    private readonly Option<string[]> _labels = new("--label", "-l")
    {
        Description = "key=value. May be repeated: all must match.",
    };

    private readonly Option<string?> _text = new("--text") { Description = "Only prompts with this text, any case." };
    private readonly Option<DateTimeOffset?> _after = Moments.CreatePoint(
        "--submitted-after", "Only newer ones: 2h (ago), or a point in time.", isAhead: false);
    private readonly Option<DateTimeOffset?> _before = Moments.CreatePoint(
        "--submitted-before", "Only older ones: 2h (ago), or a point in time.", isAhead: false);
    private readonly Option<DateTimeOffset?> _finishedBefore = Moments.CreatePoint(
        "--finished-before", "Only those that finished before: 7d (ago), or a point in time.", isAhead: false);
    private readonly bool _withStates;

    /// <param name="withStates">False where the state is settled, as in the dead letter.</param>
    public TaskFilter(bool withStates = true) => _withStates = withStates;

    public void AddTo(Command command)
    {
        if (_withStates)
        {
            command.Add(_states);
        }

        foreach (var option in new Option[] { _types, _batch, _client, _node, _labels, _text, _after, _before, _finishedBefore })
        {
            command.Add(option);
        }
    }

    /// <summary>The filters that were given, as the start of a query.</summary>
    public Query Read(Session session) => new Query()
        .Add("state", _withStates ? session.Value(_states) : null)
        .Add("type", session.Value(_types))
        .Add("batch_id", session.Value(_batch))
        .Add("client", session.Value(_client))
        .Add("node", session.Value(_node))
        .Add("label", session.Value(_labels))
        .Add("text", session.Value(_text))
        .Add("submitted_after", Time(session.Value(_after)))
        .Add("submitted_before", Time(session.Value(_before)))
        .Add("finished_before", Time(session.Value(_finishedBefore)));

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
}
