using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Headers;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Koubou.Worker.Backends.ModelApis;

/// <summary>Chat completions as OpenAI, llama.cpp, vLLM, LM Studio, LocalAI and many others serve them.</summary>
internal sealed class OpenAIApi : IModelApi
{
    public string Kind => "openai";

    public string Product => "The OpenAI-compatible server";

    public Uri EndpointDefault { get; } = new("https://api.openai.com/v1/");

    public string KeyVariable => "OPENAI_API_KEY";

    public string ModelsPath => "models";

    public void SetKey(HttpRequestMessage request, string key) =>
        request.Headers.Authorization = key.Length > 0 ? new AuthenticationHeaderValue("Bearer", key) : null;

    public IChatClient NewChatClient(HttpClient http, Uri endpoint, ModelApiOptions options)
    {
        var client = new OpenAIClient(new ApiKeyCredential("set-by-handler"), new OpenAIClientOptions
        {
            Endpoint = endpoint,
            Transport = new HttpClientPipelineTransport(http),
            // The queue retries, with its own backoff and count.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        });
        // Each request names its model; the client only wants some name to begin with.
        return client.GetChatClient(options.Model.Length > 0 ? options.Model : "default").AsIChatClient();
    }
}
