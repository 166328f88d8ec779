using Koubou.Scheduler.Hosting;
using Koubou.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("scheduler");
builder.AddSchedulerEndpoints();
builder.AddTaskQueue();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapTaskQueue();
await app.RunAsync();
