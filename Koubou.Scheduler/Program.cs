using Koubou.Scheduler.Hosting;
using Koubou.ServiceDefaults;
using Koubou.ServiceDefaults.Hosting;

return await KoubouService.RunAsync("scheduler", () =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddSchedulerCommandLine(args);
    builder.AddServiceDefaults("scheduler");
    builder.AddSchedulerEndpoints();
    builder.AddTaskQueue();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapTaskQueue();
    return app;
});
