using Koubou.Contracts;

namespace Koubou.Gateway.Rest.Views;

/// <summary>Tokens asked and answered.</summary>
public sealed record UsageView(long PromptTokens, long CompletionTokens)
{
    internal static UsageView? Of(TokenUsage? usage) =>
        usage is null ? null : new UsageView(usage.PromptTokens, usage.CompletionTokens);
}
