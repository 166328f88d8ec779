using System.Text.Json;
using GraphQL.Types;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>The wish for an API key as arguments, handed on in the words of REST, so that one reader judges both.</summary>
internal static class KeyArguments
{
    private static readonly Dictionary<string, (string Name, Type Type)> Fields = new()
    {
        ["name"] = ("name", typeof(NonNullGraphType<StringGraphType>)),
        ["scopes"] = ("scopes", typeof(ListGraphType<NonNullGraphType<StringGraphType>>)),
        ["requestsPerMinute"] = ("requests_per_minute", typeof(IntGraphType)),
        ["concurrencyMax"] = ("concurrency_max", typeof(IntGraphType)),
        ["liveTasksMax"] = ("live_tasks_max", typeof(LongGraphType)),
        ["priorityMax"] = ("priority_max", typeof(IntGraphType)),
        ["expiresAt"] = ("expires_at", typeof(DateTimeOffsetGraphType)),
    };

    public static IEnumerable<QueryArgument> All() =>
        Fields.Select(field => new QueryArgument(field.Value.Type) { Name = field.Key });

    public static JsonElement Read(IEnumerable<KeyValuePair<string, object?>> given) => JsonSerializer.SerializeToElement(
        given.ToDictionary(argument => Fields[argument.Key].Name, argument => argument.Value));
}
