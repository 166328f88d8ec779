using Koubou.Gateway.Intake;
using Microsoft.OpenApi;

namespace Koubou.Gateway.OpenApi;

/// <summary>Schemas of what clients send, from the same table that reads it.</summary>
internal static class TaskSchemas
{
    public const string Task = "SubmitTask";
    public const string Batch = "SubmitBatch";

    public static OpenApiSchema SubmitTask() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "A task to run.",
        Required = new HashSet<string> { TaskFields.Prompt },
        Properties = TaskFields.All.ToDictionary(field => field.Name, field => (IOpenApiSchema)field.Schema()),
        AdditionalPropertiesAllowed = false,
    };

    public static OpenApiSchema SubmitBatch(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Tasks to run: all are enqueued, or none.",
        Required = new HashSet<string> { "tasks" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["tasks"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchemaReference(Task, document),
            },
            ["batch_id"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "For every task that names no batch of its own.",
            },
        },
        AdditionalPropertiesAllowed = false,
    };

    public static OpenApiSchema Ids() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "ids" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["ids"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
            },
        },
        AdditionalPropertiesAllowed = false,
    };
}
