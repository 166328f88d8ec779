using Koubou.AppHost.Planning;

var builder = DistributedApplication.CreateBuilder(args);
if (await WorkshopPlan.MakeAsync(builder) is not { } plan)
{
    return 1;
}

// Owns the queue. Everybody else speaks gRPC with it, on HTTP/2 without TLS.
var scheduler = builder.AddProject<Projects.Koubou_Scheduler>("scheduler", launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpEndpoint(port: plan.Ports.Scheduler, name: "grpc", env: "KOUBOU_GRPC_PORT")
    .WithEndpoint("grpc", endpoint => endpoint.Transport = "http2")
    .WithHttpHealthCheck("/health")
    .WithEnvironment("Koubou__Queue", plan.QueueName)
    .WithReplicas(plan.Schedulers)
    .InWorkshop(plan);

if (plan.Queue is QueueEngine.RabbitMq)
{
    var rabbitmq = builder.AddRabbitMQ("rabbitmq").WithDataVolume();
    scheduler.WithReference(rabbitmq).WaitFor(rabbitmq).WithEnvironment("Queue__RabbitMq__Records", plan.Records);
}

// Schedulers that share a queue share its records, whoever carries its messages.
if (plan.NeedsRedis)
{
    var redis = builder.AddRedis("redis").WithDataVolume().WithPersistence();
    scheduler.WithReference(redis).WaitFor(redis);
}

// The model that craftsmen ask; with none, a node looks for itself and falls back to its demo.
IResourceBuilder<IResourceWithConnectionString>? model = plan.Models switch
{
    ModelSource.Container => builder.AddOllama("ollama").WithDataVolume().AddModel(plan.Model),
    ModelSource.Existing => builder.AddConnectionString(WorkshopPlan.ModelConnection),
    _ => null,
};

foreach (var node in plan.Nodes)
{
    var worker = builder.AddProject<Projects.Koubou_Worker>(node.Name, launchProfileName: null)
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/health")
        .WithArgs("--node-id", node.Name, "--max-workers", $"{node.MaxWorkers}")
        .WithReference(scheduler)
        .WaitFor(scheduler)
        .InWorkshop(plan);

    if (model is not null)
    {
        worker.WithReference(model);
    }
}

var web = builder.AddProject<Projects.Koubou_Web>("web", launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(scheduler)
    .WaitFor(scheduler)
    .InWorkshop(plan);

// The front door, and the only one that the outside sees when published.
var gateway = builder.AddProject<Projects.Koubou_Gateway>("gateway", launchProfileName: null)
    .WithHttpEndpoint(port: plan.Ports.Http)
    .WithHttpEndpoint(port: plan.Ports.WebSocket, name: "ws", env: "KOUBOU_WS_PORT")
    .WithHttpEndpoint(port: plan.Ports.GraphQL, name: "graphql", env: "KOUBOU_GRAPHQL_PORT")
    .WithEndpoint("http", endpoint => endpoint.IsExternal = true)
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", at => new() { Url = $"{at.Url}/dashboard", DisplayText = "Dashboard" })
    .WithUrlForEndpoint("http", at => new() { Url = $"{at.Url}/docs", DisplayText = "REST, to try" })
    .WithUrlForEndpoint("graphql", at => new() { Url = $"{at.Url}/graphql", DisplayText = "GraphQL" })
    .WithUrlForEndpoint("ws", at => new() { Url = $"ws://{at.Host}:{at.Port}", DisplayText = "WebSocket" })
    .WithReference(scheduler)
    .WithReference(web)
    .WaitFor(scheduler)
    .WaitFor(web)
    .InWorkshop(plan);

if (builder.ExecutionContext.IsPublishMode)
{
    gateway.WithEnvironment("Koubou__Gateway__ApiKeys__0", builder.AddParameter("api-key", secret: true));
}

await builder.Build().RunAsync();
return Environment.ExitCode;
