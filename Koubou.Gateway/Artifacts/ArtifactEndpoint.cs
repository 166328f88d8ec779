using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.OpenApi;
using Koubou.Gateway.Patience;
using Koubou.Gateway.Rest;
using Microsoft.Net.Http.Headers;

namespace Koubou.Gateway.Artifacts;

/// <summary>
/// Hands out a task's file, whole or a range of it, always as a download: what a model made must not run in this
/// address's name.
/// </summary>
internal static class ArtifactEndpoint
{
    public static void MapArtifacts(this RouteGroupBuilder api) => api.MapGet("/tasks/{id}/artifacts/{**name}", SendAsync)
        .WithName("getArtifact")
        .HasNoEnd()
        .WithTags("Tasks")
        .WithSummary("Read a file that a task left")
        .WithDescription("Takes Range: bytes=… and If-None-Match; the ETag is the file's SHA-256.")
        .Produces<byte[]>(contentType: "application/octet-stream")
        .Refuses(StatusCodes.Status404NotFound);

    private static async Task<IResult> SendAsync(
        string id, string name, HttpContext context, TaskLookup lookup, ArtifactReader reader)
    {
        if (await lookup.GetAsync(id, includeOutput: false, context.RequestAborted) is not { } record)
        {
            return Problems.UnknownTask(id).ToResult();
        }

        if (record.Artifacts.FirstOrDefault(candidate => candidate.Name == name) is not { } artifact)
        {
            return Problems.UnknownArtifact(record, name).ToResult();
        }

        var tag = new EntityTagHeaderValue($"\"{artifact.Sha256}\"");
        context.Response.Headers.ETag = tag.ToString();
        context.Response.Headers.AcceptRanges = "bytes";
        var asked = context.Request.GetTypedHeaders();
        if (asked.IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        var range = ByteRange.Read(asked, tag, artifact.SizeBytes);
        if (range is { IsSatisfiable: false })
        {
            context.Response.Headers.ContentRange = $"bytes */{artifact.SizeBytes}";
            return Results.StatusCode(StatusCodes.Status416RangeNotSatisfiable);
        }

        await WriteAsync(context, id, artifact, range, reader);
        return Results.Empty;
    }

    private static async Task WriteAsync(
        HttpContext context, string id, Artifact artifact, ByteRange? range, ArtifactReader reader)
    {
        var (offset, length) = range is { } part ? (part.First, part.Length) : (0, artifact.SizeBytes);
        var response = context.Response;
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {offset}-{offset + length - 1}/{artifact.SizeBytes}";
        }

        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(Path.GetFileName(artifact.Name));
        response.ContentType = "application/octet-stream";
        response.ContentLength = length;
        response.Headers.ContentDisposition = disposition.ToString();
        if (length > 0)
        {
            // A file that ends early breaks off, because fewer bytes came than were announced.
            await foreach (var piece in reader.ReadAsync(id, artifact.Name, offset, length, context.RequestAborted))
            {
                await response.Body.WriteAsync(piece, context.RequestAborted);
            }
        }
    }
}
