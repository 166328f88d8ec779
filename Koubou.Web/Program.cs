using Koubou.Contracts;
using Koubou.ServiceDefaults;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Scheduling;
using Koubou.Web.Calls;
using Koubou.Web.Live;
using Koubou.Web.Shell;

return await KoubouService.RunAsync("web", () =>
{
    // Settings and pages lie beside the program, whatever folder it is started from.
    var builder = WebApplication.CreateBuilder(
        new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddServiceDefaults("web");
    builder.AddSchedulerClient<TaskQueue.TaskQueueClient>();
    builder.AddSchedulerCalls();
    builder.AddLiveWorkshop();
    builder.AddDashboard();

    var app = builder.Build();
    app.UseDashboard();
    app.MapDefaultEndpoints();
    app.MapDashboard();
    return app;
});
