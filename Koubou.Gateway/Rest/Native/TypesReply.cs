using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>The registered task types.</summary>
public sealed record TypesReply(IReadOnlyList<TypeView> Types);

/// <summary>A task type: the defaults that its tasks take.</summary>
public sealed record TypeView(
    string Name,
    string? Description,
    string? SystemPrompt,
    string? PromptTemplate,
    double? TimeoutSeconds,
    int AttemptsMax,
    string? Backend,
    string? Model,
    IReadOnlyDictionary<string, string> Options,
    JsonElement? OutputSchema,
    string DataPolicy)
{
    internal static TypeView Of(TaskType type) => new(
        type.Name,
        type.Description.OrNull(),
        type.SystemPrompt.OrNull(),
        type.PromptTemplate.OrNull(),
        type.Timeout?.ToTimeSpan().TotalSeconds,
        type.AttemptsMax,
        type.Backend.OrNull(),
        type.Model.OrNull(),
        type.Options,
        RawJson.Parse(type.OutputSchema),
        type.DataPolicy.ToWord());
}
