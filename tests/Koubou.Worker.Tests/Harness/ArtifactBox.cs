using Grpc.Core;
using Koubou.Contracts;
using Koubou.OllamaStandIn;

namespace Koubou.Worker.Tests.Harness;

/// <summary>Takes artifacts as a scheduler does, and keeps them in memory.</summary>
public sealed class ArtifactBox : TaskQueue.TaskQueueBase
{
    public SignalLog<(Artifact Artifact, byte[] Content)> Kept { get; } = new();

    /// <summary>The join key that came with each upload.</summary>
    public SignalLog<string> JoinKeys { get; } = new();

    /// <summary>Refuses so many uploads first, as a scheduler that is away.</summary>
    public int AwayFor { get; set; }

    /// <summary>Refuses every upload.</summary>
    public Status? Refusal { get; set; }

    public string Text(string name) =>
        System.Text.Encoding.UTF8.GetString(Kept.Items.Last(kept => kept.Artifact.Name == name).Content);

    public override async Task<Artifact> PutArtifact(IAsyncStreamReader<ArtifactChunk> requestStream, ServerCallContext context)
    {
        JoinKeys.Add(context.RequestHeaders.GetValue("koubou-join-key") ?? "");
        if (AwayFor-- > 0)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "away"));
        }

        if (Refusal is { } refusal)
        {
            throw new RpcException(refusal);
        }

        Artifact? artifact = null;
        using var content = new MemoryStream();
        await foreach (var chunk in requestStream.ReadAllAsync())
        {
            artifact ??= chunk.Artifact;
            chunk.Data.WriteTo(content);
        }

        var bytes = content.ToArray();
        artifact!.SizeBytes = bytes.Length;
        artifact.Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        Kept.Add((artifact, bytes));
        return artifact;
    }
}
