using Microsoft.Extensions.AI;

namespace Koubou.Worker.Backends.ModelApis;

/// <summary>A protocol that model servers speak.</summary>
internal interface IModelApi
{
    /// <summary>Its word in the settings.</summary>
    string Kind { get; }

    /// <summary>What people call it.</summary>
    string Product { get; }

    /// <summary>Its maker's own address.</summary>
    Uri EndpointDefault { get; }

    /// <summary>The variable that holds the key for its maker's own address.</summary>
    string KeyVariable { get; }

    /// <summary>Where its models are listed, relative to the endpoint.</summary>
    string ModelsPath { get; }

    /// <summary>Puts the key where this protocol wants it, and takes away what the client library put anywhere.</summary>
    void SetKey(HttpRequestMessage request, string key);

    /// <summary>A client that sends everything through the given one.</summary>
    IChatClient NewChatClient(HttpClient http, Uri endpoint, ModelApiOptions options);
}
