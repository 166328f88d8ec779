using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Backends.Privacy;
using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>
/// Chats with Ollama over its own protocol. Of our own rather than a library's, because a cancelled chat must close its
/// stream at once, an error line under status 200 must not pass for an answer, and a prompt must never be cut.
/// </summary>
internal sealed class OllamaChatClient(
    string backend, HttpClient http, OllamaOptions settings, BackendFaults faults, PolicyAudit audit,
    Func<string, ChatOptions?, long?> roomOf, Action<string, string> noteRunner, Func<string> version) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("ollama", http.BaseAddress, settings.Model);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var model = options?.ModelId ?? settings.Model;
        var body = OllamaRequest.Build(model, messages, options, settings.KeepAlive);
        var estimate = body["messages"]!.AsArray()
            .Select(message => TokenEstimate.Of(message!["content"]!.GetValue<string>()))
            .Aggregate(default(TokenEstimate), (sum, next) => sum + next);
        OllamaPreflight.Demand(estimate, roomOf(model, options), version(), faults.Words);

        noteRunner(model, RunnerOf(options));
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/chat");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } text)
        {
            if (text.Length > 0 && JsonSerializer.Deserialize(text, OllamaJson.Default.OllamaChatLine) is { } line)
            {
                DemandNear(line);
                yield return line.Error is { } error ? throw faults.FromStream(JsonSerializer.Serialize(error)) : Update(line);
            }
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static ChatResponseUpdate Update(OllamaChatLine line) => new(ChatRole.Assistant, line.Message?.Content ?? "")
    {
        ModelId = line.Model,
        RawRepresentation = line,
        FinishReason = !line.Done ? null : line.DoneReason == "length" ? ChatFinishReason.Length : ChatFinishReason.Stop,
    };

    private static string RunnerOf(ChatOptions? options) => RunnerOptions.Pick(
        (options?.AdditionalProperties ?? []).Select(option => KeyValuePair.Create(
            option.Key, option.Value is JsonElement element ? element.GetRawText() : $"{option.Value}")));

    // The model was asked for its host before; between then and now somebody may have put another one in its place.
    private void DemandNear(OllamaChatLine line)
    {
        var scope = CallScope.Current;
        if (line.IsRemote && scope is not { Policy: DataPolicy.Any })
        {
            var elsewhere = line.RemoteHost is { Length: > 0 } host ? host : $"a cloud, as '{line.RemoteModel}'";
            throw audit.Refuse(scope?.TaskId ?? "", elsewhere,
                $"Backend '{backend}' passed the prompt on to {elsewhere}, although the model was local when it was "
                + "asked. The answer is refused. Set OLLAMA_NO_CLOUD=1 for Ollama, so that it cannot happen.");
        }
    }
}
