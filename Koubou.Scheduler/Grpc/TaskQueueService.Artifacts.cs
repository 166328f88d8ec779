using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Scheduler.Artifacts;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Grpc;

/// <summary>Files that tasks made.</summary>
internal sealed partial class TaskQueueService
{
    private const int ChunkBytes = 256 * 1024;

    public override async Task<Artifact> PutArtifact(
        IAsyncStreamReader<ArtifactChunk> requestStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken))
        {
            throw RpcErrors.Invalid(ArtifactRules.FindFaults(artifact: null, 0));
        }

        try
        {
            return await artifacts.PutAsync(
                requestStream.Current.Artifact, Pieces(requestStream, context.CancellationToken), context.CancellationToken);
        }
        catch (ArtifactRefusedException refused)
        {
            throw RpcErrors.Invalid(refused.Faults);
        }
        catch (ArtifactsFullException full)
        {
            throw RpcErrors.Full(new Stores.QueueFullException(full.Message));
        }
    }

    public override async Task ReadArtifact(
        ReadArtifactRequest request, IServerStreamWriter<ArtifactChunk> responseStream, ServerCallContext context)
    {
        var record = await store.GetAsync(request.TaskId, includeOutput: false, context.CancellationToken)
            ?? throw RpcErrors.NotFound(request.TaskId);
        var artifact = record.Artifacts.FirstOrDefault(each => each.Name == request.Name)
            ?? throw RpcErrors.NoArtifact(request.Name, record.Artifacts.Select(each => each.Name));
        if (request.Offset < 0 || request.Offset > artifact.SizeBytes || request.Length < 0)
        {
            throw RpcErrors.Invalid(
                [new Fault("offset", $"must be from 0 to the file's size of {artifact.SizeBytes}, and length 0 or more")]);
        }

        await using var content = artifacts.Open(artifact) ?? throw RpcErrors.ArtifactGone(artifact.Name);
        using var until = UntilStopped(context);
        await responseStream.WriteAsync(new ArtifactChunk { Artifact = artifact }, until.Token);
        content.Position = request.Offset;
        var left = request.Length == 0 ? long.MaxValue : request.Length;
        var buffer = new byte[ChunkBytes];
        int count;
        while (left > 0 && (count = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, ChunkBytes)), until.Token)) > 0)
        {
            left -= count;
            await responseStream.WriteAsync(
                new ArtifactChunk { Data = ByteString.CopyFrom(buffer, 0, count) }, until.Token);
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(
        IAsyncStreamReader<ArtifactChunk> stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        do
        {
            yield return stream.Current.Data.Memory;
        }
        while (await stream.MoveNext(cancellation));
    }
}
