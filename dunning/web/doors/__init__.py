"""Where machines knock: platform, partner, mail provider, load balancer."""
