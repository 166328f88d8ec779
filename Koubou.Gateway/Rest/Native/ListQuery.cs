using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Microsoft.Extensions.Primitives;

namespace Koubou.Gateway.Rest.Native;

/// <summary>
/// Reads the filters of a list. Sample: <c>?state=queued,running&amp;type=code&amp;label=team=web&amp;page_size=20</c>.
/// </summary>
internal static class ListQuery
{
    public const string MustBeTime = "must be a point in time, such as 2030-01-31T00:00:00Z";

    public static IReadOnlyList<ListFilter> Filters { get; } =
    [
        new("state", "Native states, by comma or repeated.", (value, list) => ReadStates(value, list)),
        new("type", "Task types, by comma or repeated.", (value, list) => Set(() => list.Types_.AddRange(Split(value)))),
        new("client", "Who asked.", (value, list) => Set(() => list.Client = value)),
        new("batch_id", "The batch.", (value, list) => Set(() => list.BatchId = value)),
        new("node", "The node of the newest attempt.", (value, list) => Set(() => list.Node = value)),
        new("label", "key=value; repeated: all must match.", (value, list) => ReadLabel(value, list)),
        new("text", "A part of the prompt, any case.", (value, list) => Set(() => list.Text = value)),
        new("submitted_before", "A point in time.", (value, list) => ReadTime(value, time => list.SubmittedBefore = time)),
        new("submitted_after", "A point in time.", (value, list) => ReadTime(value, time => list.SubmittedAfter = time)),
        new("finished_before", "A point in time.", (value, list) => ReadTime(value, time => list.FinishedBefore = time)),
        new("order", "submitted, priority (highest first) or finished (last first). Default: submitted, newest first.",
            (value, list) => ReadOrder(value, list)),
        new("oldest_first", "true or false: turns the order round. Default: false.", (value, list) => ReadFlag(value, flag => list.OldestFirst = flag)),
        new("page_size", "1 to 1,000. Default: 50.", (value, list) => ReadSize(value, list)),
        new("page_token", "next_page_token of the page before.", (value, list) => Set(() => list.PageToken = value)),
        new("include_output", "true or false. Default: false.", (value, list) => ReadFlag(value, flag => list.IncludeOutput = flag)),
    ];

    private static readonly string[] Names = [.. Filters.Select(filter => filter.Name)];

    public static ListRequest Read(IQueryCollection query, FaultList faults)
    {
        var request = new ListRequest();
        foreach (var (name, values) in query)
        {
            var filter = Filters.FirstOrDefault(known => known.Name == name);
            if (filter is null)
            {
                faults.Add(name, Nearest.Fault(name, "a filter", Names));
                continue;
            }

            ReadValues(filter, values, request, faults);
        }

        return request;
    }

    private static void ReadValues(ListFilter filter, StringValues values, ListRequest request, FaultList faults)
    {
        foreach (var value in values)
        {
            if (filter.Read(value ?? "", request) is { } must)
            {
                faults.Add(filter.Name, $"{must}; was \"{Problems.Shorten(value ?? "")}\"");
            }
        }
    }

    private static string? ReadStates(string value, ListRequest list)
    {
        foreach (var word in Split(value))
        {
            if (!TaskStates.TryParse(word, out var state))
            {
                return $"must be one of {string.Join(", ", TaskStates.All.Select(known => known.ToWord()))}";
            }

            list.States.Add(state);
        }

        return null;
    }

    private static string? ReadOrder(string value, ListRequest list)
    {
        TaskOrder? order = value switch
        {
            "submitted" => TaskOrder.Unspecified,
            "priority" => TaskOrder.Priority,
            "finished" => TaskOrder.Finished,
            _ => null,
        };
        list.Order = order ?? TaskOrder.Unspecified;
        return order is null ? "must be submitted, priority or finished" : null;
    }

    private static string? ReadLabel(string value, ListRequest list)
    {
        var parts = value.Split('=', 2);
        if (parts.Length < 2 || parts[0].Length == 0)
        {
            return "must be key=value";
        }

        list.Labels[parts[0]] = parts[1];
        return null;
    }

    /// <summary>A point in time; without an offset it is UTC. Null: it is none.</summary>
    public static DateTimeOffset? ReadTime(string value) =>
        DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static string? ReadTime(string value, Action<Timestamp> set)
    {
        if (ReadTime(value) is not { } time)
        {
            return MustBeTime;
        }

        set(Timestamp.FromDateTimeOffset(time));
        return null;
    }

    private static string? ReadSize(string value, ListRequest list)
    {
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size) || size < 1)
        {
            return "must be a whole number from 1 to 1,000";
        }

        list.PageSize = size;
        return null;
    }

    private static string? ReadFlag(string value, Action<bool> set)
    {
        if (!bool.TryParse(value, out var flag))
        {
            return "must be true or false";
        }

        set(flag);
        return null;
    }

    private static string? Set(Action set)
    {
        set();
        return null;
    }

    private static string[] Split(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
