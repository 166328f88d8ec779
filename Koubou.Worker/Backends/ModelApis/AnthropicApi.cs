using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.ModelApis;

/// <summary>The Messages API of Anthropic.</summary>
internal sealed class AnthropicApi : IModelApi
{
    // The API wants to be told a bound.
    private const int OutputTokensMaxDefault = 8192;

    private static readonly TimeSpan NoLimitOfItsOwn = TimeSpan.FromDays(1);

    public string Kind => "anthropic";

    public string Product => "Anthropic's API";

    public Uri EndpointDefault { get; } = new("https://api.anthropic.com/");

    public string KeyVariable => "ANTHROPIC_API_KEY";

    public string ModelsPath => "v1/models";

    public void SetKey(HttpRequestMessage request, string key)
    {
        request.Headers.Authorization = null;
        request.Headers.Remove("x-api-key");
        if (key.Length > 0)
        {
            request.Headers.Add("x-api-key", key);
        }

        if (!request.Headers.Contains("anthropic-version"))
        {
            request.Headers.Add("anthropic-version", "2023-06-01");
        }
    }

    public IChatClient NewChatClient(HttpClient http, Uri endpoint, ModelApiOptions options)
    {
        var client = new AnthropicClient(new ClientOptions
        {
            ApiKey = "set-by-handler",
            // Not from the environment: it may be meant for another address.
            AuthToken = null,
            BaseUrl = endpoint.AbsoluteUri.TrimEnd('/'),
            HttpClient = http,
            // The queue retries, with its own backoff and count.
            MaxRetries = 0,
            Timeout = NoLimitOfItsOwn,
        });
        return client.AsIChatClient(options.Model, options.OutputTokensMax ?? OutputTokensMaxDefault);
    }
}
