using System.Collections.Immutable;
using Koubou.Contracts;
using Microsoft.AspNetCore.WebUtilities;

namespace Koubou.Web.Pages.Tasks;

/// <summary>Which tasks a table shows. It lives in the address, so that a view can be kept, sent and gone back to.</summary>
public sealed record TaskFilter
{
    public const string TextKey = "q";
    public const string StateKey = "state";
    public const string TypeKey = "type";
    public const string LabelKey = "label";
    public const string ClientKey = "client";
    public const string BatchKey = "batch";
    public const string WorkerKey = "worker";
    public const string OrderKey = "order";

    private static readonly Dictionary<string, (TaskOrder Order, bool OldestFirst)> Orders = new(StringComparer.Ordinal)
    {
        [""] = (TaskOrder.Unspecified, false),
        ["oldest"] = (TaskOrder.Unspecified, true),
        ["priority"] = (TaskOrder.Priority, false),
        ["finished"] = (TaskOrder.Finished, false),
    };

    /// <summary>The words for how a table may be sorted; empty: newest first.</summary>
    public static IReadOnlyCollection<string> OrderWords => Orders.Keys;

    public static TaskFilter None { get; } = new();

    public ImmutableArray<TaskState> States { get; init; } = [];

    public string Type { get; init; } = "";

    /// <summary>Name and value, as in <c>project=apollo</c>.</summary>
    public string Label { get; init; } = "";

    public string Client { get; init; } = "";

    public string Batch { get; init; } = "";

    public string Worker { get; init; } = "";

    /// <summary>A part of the prompt.</summary>
    public string Text { get; init; } = "";

    /// <summary>One of <see cref="OrderWords"/>.</summary>
    public string Order { get; init; } = "";

    /// <summary>How many of the finer filters, behind the fold, are set.</summary>
    public int FineCount => new[] { Type, Label, Client, Batch, Worker }.Count(value => value.Length > 0);

    public bool IsNone => States.IsEmpty && FineCount == 0 && Text.Length == 0;

    /// <summary>Reads <c>?state=failed&amp;state=expired&amp;q=minutes</c>; what it does not know is passed over.</summary>
    public static TaskFilter Parse(string query)
    {
        var values = QueryHelpers.ParseQuery(query);
        return new TaskFilter
        {
            States = [.. values.GetValueOrDefault(StateKey)
                .Select(word => TaskStates.TryParse(word, out var state) ? state : TaskState.Unspecified)
                .Where(state => state != TaskState.Unspecified)
                .Distinct()
                .Order()],
            Type = One(TypeKey),
            Label = One(LabelKey),
            Client = One(ClientKey),
            Batch = One(BatchKey),
            Worker = One(WorkerKey),
            Text = One(TextKey),
            Order = Orders.ContainsKey(One(OrderKey)) ? One(OrderKey) : "",
        };

        string One(string key) => values.GetValueOrDefault(key).ToString().Trim();
    }

    /// <summary>The query that <see cref="Parse"/> reads; empty without any filter.</summary>
    public string ToQuery()
    {
        var pairs = States.Select(state => (StateKey, state.ToWord())).Concat(
        [
            (TypeKey, Type), (LabelKey, Label), (ClientKey, Client), (BatchKey, Batch), (WorkerKey, Worker),
            (TextKey, Text), (OrderKey, Order),
        ]);
        return string.Concat(pairs
            .Where(pair => pair.Item2.Length > 0)
            .Select((pair, index) => $"{(index == 0 ? '?' : '&')}{pair.Item1}={Uri.EscapeDataString(pair.Item2)}"));
    }

    public ListRequest ToRequest()
    {
        var request = new ListRequest
        {
            Client = Client,
            BatchId = Batch,
            Node = Worker,
            Text = Text,
            OldestFirst = Orders[Order].OldestFirst,
            Order = Orders[Order].Order,
        };
        request.States.AddRange(States);
        if (Type.Length > 0)
        {
            request.Types_.Add(Type);
        }

        if (Label.Length > 0)
        {
            var parts = Label.Split('=', 2, StringSplitOptions.TrimEntries);
            request.Labels[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        return request;
    }

    public bool Equals(TaskFilter? other) => other is not null && ToQuery() == other.ToQuery();

    public override int GetHashCode() => ToQuery().GetHashCode(StringComparison.Ordinal);
}
