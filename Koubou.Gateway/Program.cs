using Koubou.Gateway.Binding;
using Koubou.Gateway.Errors;
using Koubou.Gateway.GraphQL;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Keys;
using Koubou.Gateway.Mcp;
using Koubou.Gateway.OpenApi;
using Koubou.Gateway.Proxy;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Legacy;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Scheduling;
using Koubou.Gateway.Sockets;
using Koubou.ServiceDefaults;
using Koubou.ServiceDefaults.Hosting;

return await KoubouService.RunAsync("gateway", () =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults("gateway");
    builder.AddDoors();
    builder.AddKeys();
    builder.AddScheduling();
    builder.AddIntake();
    builder.AddRest();
    builder.AddSockets();
    builder.AddGraphQlDoor();
    builder.AddMcpDoor();
    builder.AddApiDocument();
    builder.AddDashboardProxy();

    var app = builder.Build();
    app.UseMiddleware<ErrorEdge>();
    app.UseWebSockets();
    app.UseDoors();
    app.UseKeys();
    app.UseDocumentPolicy();
    app.MapDefaultEndpoints();
    app.MapRoots();
    app.MapLegacyRest();
    app.MapNativeRest();
    app.MapSockets();
    app.MapGraphQl();
    app.MapMcpServer();
    app.MapApiDocument();
    app.MapDashboardProxy();
    return app;
});
