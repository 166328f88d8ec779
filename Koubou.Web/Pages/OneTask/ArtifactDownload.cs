using Grpc.Core;
using Koubou.Contracts;
using Microsoft.Net.Http.Headers;

namespace Koubou.Web.Pages.OneTask;

/// <summary>Hands out a task's file, always as a download: what a model made must not run in the dashboard's name.</summary>
internal static class ArtifactDownload
{
    private const string Route = "artifacts/{taskId}/{**name}";

    public static string PathOf(string taskId, string name) =>
        $"artifacts/{Uri.EscapeDataString(taskId)}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    public static void MapArtifacts(this WebApplication app) => app.MapGet(Route, SendAsync);

    private static async Task SendAsync(string taskId, string name, TaskQueue.TaskQueueClient scheduler, HttpContext context)
    {
        using var call = scheduler.ReadArtifact(
            new ReadArtifactRequest { TaskId = taskId, Name = name }, cancellationToken: context.RequestAborted);
        try
        {
            var hasMore = await call.ResponseStream.MoveNext(context.RequestAborted);
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(Path.GetFileName(name));
            context.Response.ContentType = "application/octet-stream";
            context.Response.Headers.ContentDisposition = disposition.ToString();
            while (hasMore)
            {
                await context.Response.Body.WriteAsync(call.ResponseStream.Current.Data.Memory, context.RequestAborted);
                hasMore = await call.ResponseStream.MoveNext(context.RequestAborted);
            }
        }
        catch (RpcException error) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await Results.Problem(error.Status.Detail, statusCode: error.StatusCode == StatusCode.NotFound
                ? StatusCodes.Status404NotFound
                : StatusCodes.Status502BadGateway).ExecuteAsync(context);
        }
        catch (RpcException) when (context.Response.HasStarted)
        {
            // A file that ends early must not look whole.
            context.Abort();
        }
    }
}
