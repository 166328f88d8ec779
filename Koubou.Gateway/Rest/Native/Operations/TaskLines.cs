using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>
/// Tasks as lines of JSON, one a line with history and output, in the form that the contract gives them, so that nothing
/// is lost between two workshops. Neither direction holds more than one task in memory.
/// </summary>
internal sealed class TaskLines(TaskQueue.TaskQueueClient scheduler, IOptions<IntakeOptions> intake)
{
    public const string MediaType = "application/x-ndjson";

    private static readonly JsonFormatter Writer = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser Reader = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Writes every task that the filters of the query select, oldest first.</summary>
    public async Task ExportAsync(HttpContext context)
    {
        var faults = new FaultList();
        var filter = ListQuery.Read(context.Request.Query, faults);
        if (faults.Any)
        {
            await Problems.InvalidRequest(faults).WriteAsync(context);
            return;
        }

        using var call = scheduler.Export(new ExportRequest { Filter = filter }, cancellationToken: context.RequestAborted);

        // The first answer decides whether this is a refusal or a file.
        var any = await call.ResponseStream.MoveNext(context.RequestAborted);
        context.Response.ContentType = MediaType;
        context.Response.Headers.ContentDisposition = "attachment; filename=\"koubou-tasks.jsonl\"";
        while (any)
        {
            var line = Encoding.UTF8.GetBytes(Writer.Format(call.ResponseStream.Current) + "\n");
            await context.Response.Body.WriteAsync(line, context.RequestAborted);
            any = await call.ResponseStream.MoveNext(context.RequestAborted);
        }
    }

    /// <summary>Takes tasks in, line by line; a line that is no task ends it, and says which one it was.</summary>
    public async Task<IResult> ImportAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        using var lines = new StreamReader(context.Request.Body, new UTF8Encoding(false, throwOnInvalidBytes: false));
        using var call = scheduler.Import(cancellationToken: context.RequestAborted);
        var number = 0;
        while (await lines.ReadLineAsync(context.RequestAborted) is { } line)
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            if (line.Length > intake.Value.BatchBodyBytesMax || Parse(line) is not { } record)
            {
                await call.RequestStream.CompleteAsync();
                var before = await call.ResponseAsync;
                return Problems.InvalidField(
                    $"line {number}",
                    "is no exported task",
                    $"{before.Imported} tasks before it are in. Mend the line and send the file again: what is here is passed over.")
                    .ToResult();
            }

            await call.RequestStream.WriteAsync(record, context.RequestAborted);
        }

        await call.RequestStream.CompleteAsync();
        var reply = await call.ResponseAsync;
        return Results.Json(new ImportView(reply.Imported, reply.PassedOver), RestJson.Relaxed.ImportView);
    }

    private static TaskRecord? Parse(string line)
    {
        try
        {
            var record = Reader.Parse<TaskRecord>(line);
            return record.Id.Length > 0 && record.Spec is not null ? record : null;
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
