using Koubou.ServiceDefaults;
using Koubou.ServiceDefaults.Hosting;
using Koubou.Worker.Nodes;
using Koubou.Worker.Processes.Relays;

if (RelayProgram.IsAsked(args))
{
    return await RelayProgram.RunAsync(args);
}

return await KoubouService.RunAsync("worker node", () =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddWorkerNode(args);

    var app = builder.Build();
    app.MapDefaultEndpoints();
    return app;
});
