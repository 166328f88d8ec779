using System.Runtime.CompilerServices;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Gateway.Artifacts;

/// <summary>Reads the files that tasks left, piece by piece, from the scheduler.</summary>
internal sealed class ArtifactReader(TaskQueue.TaskQueueClient scheduler)
{
    /// <summary>The bytes of a file from an offset on.</summary>
    /// <param name="taskId">Whose file it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="offset">From 0 to its size.</param>
    /// <param name="length">How many; 0: to the end.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        string taskId, string name, long offset, long length, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ReadArtifactRequest { TaskId = taskId, Name = name, Offset = offset, Length = length };
        using var call = scheduler.ReadArtifact(request, cancellationToken: cancellation);
        await foreach (var chunk in call.ResponseStream.ReadAllAsync(cancellation))
        {
            if (chunk.Data.Length > 0)
            {
                yield return chunk.Data.Memory;
            }
        }
    }

    /// <summary>A whole file that is known to be small.</summary>
    public async Task<byte[]> ReadWholeAsync(string taskId, Artifact artifact, CancellationToken cancellation)
    {
        using var content = new MemoryStream((int)artifact.SizeBytes);
        await foreach (var piece in ReadAsync(taskId, artifact.Name, 0, 0, cancellation))
        {
            await content.WriteAsync(piece, cancellation);
        }

        return content.ToArray();
    }
}
