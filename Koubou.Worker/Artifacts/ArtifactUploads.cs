using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Artifacts;

/// <summary>
/// Brings files to the scheduler, which keeps them by the hash of their content. A file is there before the report that
/// names it, so no record ever points to nothing.
/// </summary>
internal sealed class ArtifactUploads(TaskQueue.TaskQueueClient scheduler, TimeProvider clock)
{
    private const int ChunkBytes = 256 * 1024;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Uploads the content, again as often as the scheduler is away, until the token fires.</summary>
    /// <param name="name">What the task calls it.</param>
    /// <param name="mediaType">Its kind.</param>
    /// <param name="content">Can be read from its beginning more than once.</param>
    /// <param name="stop">Ends the attempt.</param>
    public async Task<Artifact> PutAsync(string name, string mediaType, Stream content, CancellationToken stop)
    {
        var artifact = new Artifact { Name = name, MediaType = mediaType, SizeBytes = content.Length };
        content.Position = 0;
        artifact.Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, stop));
        while (true)
        {
            content.Position = 0;
            try
            {
                return await SendAsync(artifact, content, stop);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable)
            {
                // The answer is worth more than the wait: the attempt's own time limit ends this.
                await Task.Delay(RetryDelay, clock, stop);
            }
            catch (RpcException exception) when (stop.IsCancellationRequested)
            {
                throw new OperationCanceledException(exception.Message, exception, stop);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.InvalidArgument or StatusCode.FailedPrecondition)
            {
                throw TaskFailureException.Permanent(
                    "artifact_refused", $"The artifact '{name}' was refused: {exception.Status.Detail}", exception);
            }
            catch (RpcException exception)
            {
                throw TaskFailureException.Transient(
                    "artifact_not_kept", $"The artifact '{name}' could not be kept: {exception.Status.Detail}", inner: exception);
            }
        }
    }

    private async Task<Artifact> SendAsync(Artifact artifact, Stream content, CancellationToken stop)
    {
        using var call = scheduler.PutArtifact(cancellationToken: stop);
        try
        {
            await call.RequestStream.WriteAsync(new ArtifactChunk { Artifact = artifact }, stop);
            var buffer = new byte[ChunkBytes];
            int count;
            while ((count = await content.ReadAsync(buffer, stop)) > 0)
            {
                await call.RequestStream.WriteAsync(
                    new ArtifactChunk { Data = ByteString.CopyFrom(buffer, 0, count) }, stop);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException or IOException)
        {
            // A refusal in the midst of the upload breaks the writing; the reason comes with the answer.
        }

        var kept = await call.ResponseAsync;
        return kept.Sha256 == artifact.Sha256
            ? kept
            : throw TaskFailureException.Transient(
                "artifact_not_kept",
                string.Create(CultureInfo.InvariantCulture, $"The artifact '{artifact.Name}' arrived with another content."));
    }
}
