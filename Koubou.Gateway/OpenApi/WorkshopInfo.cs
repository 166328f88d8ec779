using System.Text.Json.Nodes;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Scheduling;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Koubou.Gateway.OpenApi;

/// <summary>Title, schemas of requests with the task types that are registered now, and the key's header.</summary>
internal sealed class WorkshopInfo(TaskQueue.TaskQueueClient scheduler, CallLimits limits, KeyRing keys)
    : IOpenApiDocumentTransformer
{
    private const string SchemeName = "api_key";

    public async Task TransformAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Koubou",
            Version = typeof(WorkshopInfo).Assembly.GetName().Version?.ToString(3),
            Description = "The workshop that runs tasks on language models: submit a task, read its state, get its answer. "
                + "Every refusal is a problem (RFC 9457) that names all faults at once.",
        };

        // Relative, so that the document is right behind whichever name and port it was asked for.
        document.Servers = [new OpenApiServer { Url = "/" }];

        var task = TaskSchemas.SubmitTask();
        await NameTypesAsync(task, cancellationToken);
        document.AddComponent(TaskSchemas.Task, task);
        document.AddComponent(TaskSchemas.Batch, TaskSchemas.SubmitBatch(document));
        AddKeyScheme(document);
    }

    private async Task NameTypesAsync(OpenApiSchema task, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await scheduler.ListTaskTypesAsync(new ListTaskTypesRequest(), limits.Brief(cancellationToken));
            if (task.Properties?[TaskFields.Type] is OpenApiSchema type)
            {
                type.Enum = [.. reply.Types_.Select(known => JsonValue.Create(known.Name)!)];
            }
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // The document is worth having without the names.
        }
    }

    private void AddKeyScheme(OpenApiDocument document)
    {
        if (!keys.IsRequired)
        {
            return;
        }

        document.AddComponent<IOpenApiSecurityScheme>(SchemeName, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "X-Api-Key",
            Description = "A key, as `koubou keys add` makes it. Authorization: Bearer works as well.",
        });
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SchemeName, document)] = [] },
        ];
    }
}
