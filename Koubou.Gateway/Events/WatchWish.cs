using System.Globalization;
using System.Text.Json;
using Google.Protobuf.Collections;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;

namespace Koubou.Gateway.Events;

/// <summary>
/// Reads which changes a client wants to hear of. Sample, over the WebSocket:
/// <c>{"from": 121, "task_ids": ["…"], "types": ["code"], "batch_id": "night"}</c>; as a query:
/// <c>?from=121&amp;task_id=…&amp;type=code&amp;batch_id=night</c>. What is not given does not narrow.
/// </summary>
internal static class WatchWish
{
    private const string MustBeNumber = "must be a whole number from 1: the last sequence number seen, plus 1";
    private const string MustBeTexts = "must be a list of texts";

    private static readonly string[] QueryNames = ["from", "task_id", "type", "batch_id"];
    private static readonly string[] FieldNames = ["from", "task_ids", "types", "batch_id"];

    /// <summary>From a query string. <c>Last-Event-ID</c>, which a browser sends after a lost connection, goes first.</summary>
    public static WatchEventsRequest Read(HttpRequest http, FaultList faults)
    {
        var request = new WatchEventsRequest { BatchId = http.Query["batch_id"].ToString() };
        foreach (var name in http.Query.Keys.Where(name => !QueryNames.Contains(name)))
        {
            faults.Add(name, Nearest.Fault(name, "a filter of events", QueryNames));
        }

        request.TaskIds.AddRange(Split(http, "task_id"));
        request.Types_.AddRange(Split(http, "type"));
        var last = http.Headers["Last-Event-ID"].ToString();
        var from = http.Query["from"].ToString();
        if (last.Length > 0)
        {
            request.FromSequence = Number(last, "Last-Event-ID", min: 0, faults) + 1;
        }
        else if (from.Length > 0)
        {
            request.FromSequence = Number(from, "from", min: 1, faults);
        }

        return request;
    }

    /// <summary>From the payload of a message; none asks for everything from now on.</summary>
    public static WatchEventsRequest Read(JsonElement payload, FaultList faults)
    {
        var request = new WatchEventsRequest();
        if (payload.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return request;
        }

        if (payload.ValueKind != JsonValueKind.Object)
        {
            faults.Add("payload", "must be an object, such as {\"types\": [\"code\"]}");
            return request;
        }

        foreach (var field in payload.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            if (Read(field, request) is { } fault)
            {
                faults.Add(field.Name, fault);
            }
        }

        return request;
    }

    private static string? Read(JsonProperty field, WatchEventsRequest request)
    {
        switch (field.Name)
        {
            case "from":
                var whole = field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt64(out var number) && number > 0
                    ? number
                    : 0;
                request.FromSequence = whole;
                return whole == 0 ? MustBeNumber : null;
            case "task_ids":
                return AddTexts(field.Value, request.TaskIds);
            case "types":
                return AddTexts(field.Value, request.Types_);
            case "batch_id":
                request.BatchId = Text(field.Value) ?? "";
                return Text(field.Value) is null ? "must be a text" : null;
            default:
                return Nearest.Fault(field.Name, "a filter of events", FieldNames);
        }
    }

    private static string? AddTexts(JsonElement value, RepeatedField<string> texts)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return MustBeTexts;
        }

        foreach (var entry in value.EnumerateArray())
        {
            if (Text(entry) is not { } text)
            {
                return MustBeTexts;
            }

            texts.Add(text);
        }

        return null;
    }

    private static string? Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? JsonInput.Text(value) : null;

    private static long Number(string text, string name, long min, FaultList faults)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= min && number < long.MaxValue)
        {
            return number;
        }

        faults.Add(name, $"{MustBeNumber}; was \"{Problems.Shorten(text)}\"");
        return 0;
    }

    private static string[] Split(HttpRequest http, string name) => string.Join(',', http.Query[name].AsEnumerable())
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
