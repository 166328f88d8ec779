using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;

namespace Koubou.Gateway.GraphQL.Transport;

/// <summary>
/// Reads <c>{"query": "…", "operationName": "…", "variables": {…}, "extensions": {…}}</c>, as GraphQL over HTTP
/// defines it; unknown members are passed over, as it demands.
/// </summary>
internal static class RequestReader
{
    private const string Query = "query";
    private const string OperationName = "operationName";
    private const string Variables = "variables";
    private const string Extensions = "extensions";

    /// <summary>One request from a JSON object, or every fault of it.</summary>
    public static (GraphQLRequest? Request, Problem? Problem) Read(JsonElement body, IGraphQLTextSerializer serializer)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return (null, Problems.InvalidField("body", "must be an object with a query, such as {\"query\": \"{ … }\"}"));
        }

        var faults = new FaultList();
        var request = new GraphQLRequest
        {
            Query = Text(body, Query, faults),
            OperationName = Text(body, OperationName, faults),
            Variables = Map(body, Variables, faults, serializer),
            Extensions = Map(body, Extensions, faults, serializer),
        };
        return Checked(request, faults);
    }

    /// <summary>One request from the query string of a GET.</summary>
    public static (GraphQLRequest? Request, Problem? Problem) Read(IQueryCollection query, IGraphQLTextSerializer serializer)
    {
        var faults = new FaultList();
        var request = new GraphQLRequest
        {
            Query = query[Query],
            OperationName = query[OperationName],
            Variables = Map(query, Variables, faults, serializer),
            Extensions = Map(query, Extensions, faults, serializer),
        };
        return Checked(request, faults);
    }

    private static (GraphQLRequest? Request, Problem? Problem) Checked(GraphQLRequest request, FaultList faults)
    {
        if (string.IsNullOrWhiteSpace(request.Query) && !faults.Has(Query))
        {
            faults.Add(Query, "is missing; it must be a GraphQL document, such as \"{ systemStatus { pendingTasks } }\"");
        }

        return faults.Any ? (null, Problems.InvalidRequest(faults)) : (request, null);
    }

    private static string? Text(JsonElement body, string name, FaultList faults)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && JsonInput.Text(value) is { } text)
        {
            return text;
        }

        faults.Add(name, "must be a text");
        return null;
    }

    private static Inputs? Map(JsonElement body, string name, FaultList faults, IGraphQLTextSerializer serializer)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return ReadMap(value, name, faults, serializer);
        }

        faults.Add(name, "must be an object");
        return null;
    }

    private static Inputs? Map(IQueryCollection query, string name, FaultList faults, IGraphQLTextSerializer serializer)
    {
        if (query[name].ToString() is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Null)
            {
                return ReadMap(document.RootElement, name, faults, serializer);
            }
        }
        catch (JsonException)
        {
            // The sentence below says it.
        }

        faults.Add(name, "must be a JSON object");
        return null;
    }

    private static Inputs? ReadMap(JsonElement value, string name, FaultList faults, IGraphQLTextSerializer serializer)
    {
        try
        {
            return serializer.ReadNode<Inputs>(value);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            faults.Add(name, "holds text that is not valid Unicode, or a name twice");
            return null;
        }
    }
}
