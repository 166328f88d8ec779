using System.Text.Json.Nodes;
using Koubou.Gateway.Rest.Native;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Koubou.Gateway.OpenApi;

/// <summary>Writes into the document what endpoints read by themselves.</summary>
internal sealed class RequestNotes : IOpenApiOperationTransformer
{
    public Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var note in context.Description.ActionDescriptor.EndpointMetadata.OfType<RequestNote>())
        {
            Apply(operation, note, context.Document);
        }

        return Task.CompletedTask;
    }

    private static void Apply(OpenApiOperation operation, RequestNote note, OpenApiDocument? document)
    {
        switch (note)
        {
            case RequestNote.Task:
                operation.RequestBody = Body(new OpenApiSchemaReference(TaskSchemas.Task, document), new JsonObject
                {
                    ["type"] = "code",
                    ["prompt"] = "Create a Python function for fibonacci",
                    ["priority"] = 8,
                });
                break;
            case RequestNote.Batch:
                operation.RequestBody = Body(new OpenApiSchemaReference(TaskSchemas.Batch, document), new JsonObject
                {
                    ["tasks"] = new JsonArray(
                        new JsonObject { ["prompt"] = "Summarise chapter one." },
                        new JsonObject { ["prompt"] = "Summarise chapter two.", ["priority"] = 8 }),
                    ["batch_id"] = "night",
                });
                break;
            case RequestNote.Ids:
                operation.RequestBody = Body(TaskSchemas.Ids(), new JsonObject
                {
                    ["ids"] = new JsonArray("01936d3e-0000-7000-8000-000000000000"),
                });
                break;
            case RequestNote.Wait:
                Query(operation, "wait", "Seconds to hold the answer, 0 to 300.", JsonSchemaType.Number);
                break;
            case RequestNote.Offset:
                Query(operation, "offset", "Where to resume: an event's id such as 2:1024, or an offset in UTF-16 units.", JsonSchemaType.String);
                break;
            case RequestNote.Filters:
                foreach (var filter in ListQuery.Filters)
                {
                    Query(operation, filter.Name, filter.Description, JsonSchemaType.String);
                }

                break;
            case RequestNote.IdempotencyKey:
                Add(operation, "Idempotency-Key", "The same as the field idempotency_key.", JsonSchemaType.String,
                    ParameterLocation.Header);
                break;
        }
    }

    private static OpenApiRequestBody Body(IOpenApiSchema schema, JsonNode example) => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/json"] = new OpenApiMediaType { Schema = schema, Example = example },
        },
    };

    private static void Query(OpenApiOperation operation, string name, string description, JsonSchemaType type) =>
        Add(operation, name, description, type, ParameterLocation.Query);

    private static void Add(
        OpenApiOperation operation, string name, string description, JsonSchemaType type, ParameterLocation where)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = name,
            In = where,
            Description = description,
            Schema = new OpenApiSchema { Type = type },
        });
    }
}
