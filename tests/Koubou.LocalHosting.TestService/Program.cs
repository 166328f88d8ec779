using Koubou.LocalHosting.TestService;

return args is ["host", .. var rest] ? await TestHost.RunAsync(rest) : await Service.RunAsync(args);
